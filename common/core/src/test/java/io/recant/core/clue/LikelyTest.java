package io.recant.core.clue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LikelyTest {

  @Test
  void whatIsWithinTwoOfTheLikeliestIsSupportedTheLikeliestFirst() {
    List<Likely<String>> some =
        List.of(
            new Likely<>("far", -13.1),
            new Likely<>("near", -12),
            new Likely<>("top", -10),
            new Likely<>("next", -10.5));

    assertThat(Likely.supported(some)).containsExactly("top", "next", "near");
  }

  @Test
  void whereAllIsToldApartAllAreAsLikelyAndStayInTheirOrder() {
    assertThat(Likely.supported(List.of(new Likely<>("a", 0), new Likely<>("b", 0))))
        .containsExactly("a", "b");
  }
}
