package io.recant.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {

  private static final List<String> WORDS = List.of("detect", "decide", "ingest", "train");

  @ParameterizedTest
  @CsvSource({
    "detct, detect",
    "dtecet, detect",
    "decied, decide",
    "ingests, ingest",
    "tarin, train",
    "detect, detect"
  })
  void findsTheWordThatWasMeant(String written, String meant) {
    assertThat(Nearest.of(written, WORDS)).contains(meant);
  }

  @Test
  void suggestsNothingForAWordThatIsFarFromAll() {
    assertThat(Nearest.of("zzzzzzzz", WORDS)).isEmpty();
    assertThat(Nearest.suggestion("zzzzzzzz", WORDS))
        .isEqualTo("; (valid: detect, decide, ingest, train)");
  }

  @Test
  void tiesGoToTheFirstInTheAlphabet() {
    assertThat(Nearest.of("bat", List.of("rat", "cat"))).contains("cat");
  }

  @Test
  void saysWhenNothingIsValid() {
    assertThat(Nearest.of("a", List.of())).isEmpty();
    assertThat(Nearest.suggestion("a", List.of())).isEqualTo("; nothing is allowed here");
  }
}
