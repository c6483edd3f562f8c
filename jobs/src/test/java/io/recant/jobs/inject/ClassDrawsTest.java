package io.recant.jobs.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class ClassDrawsTest {

  private static final ClassFrequencies FREQUENCIES =
      new ClassFrequencies(new TreeMap<>(Map.of("a", 10L, "b", 30L, "c", 60L)));

  @Property
  void neverDrawsTheClassItself(@ForAll @DoubleRange(max = 1, maxIncluded = false) double draw) {
    for (String own : List.of("a", "b", "c")) {
      assertThat(FREQUENCIES.drawOther(draw, own)).isNotNull().isNotEqualTo(own);
    }
  }

  @Test
  void drawsByFrequencyAmongTheOthers() {
    assertThat(share("b", "a")).isCloseTo(10 / 70.0, within(1e-3));
    assertThat(share("b", "c")).isCloseTo(60 / 70.0, within(1e-3));
    assertThat(share("c", "a")).isCloseTo(10 / 40.0, within(1e-3));
    assertThat(share("a", "c")).isCloseTo(60 / 90.0, within(1e-3));
  }

  @Test
  void hasNoOtherClassWhereThereIsOne() {
    assertThat(new ClassFrequencies(new TreeMap<>(Map.of("a", 5L))).drawOther(0.5, "a")).isNull();
  }

  @Test
  void confusesClassesByTheCosineOfTheirWords() {
    ClassConfusion confusion =
        ClassConfusion.ofProfiles(
            List.of(
                new ClassConfusion.Word("animal", "leg", 3),
                new ClassConfusion.Word("animal", "leaf", 4),
                new ClassConfusion.Word("plant", "leaf", 2),
                new ClassConfusion.Word("body", "leg", 1),
                new ClassConfusion.Word("time", "hour", 1)),
            2);
    assertThat(confusion.confusables("animal"))
        .extracting(ClassConfusion.Confusable::className)
        .containsExactly("plant", "body");
    assertThat(confusion.confusables("animal").get(0).weight()).isCloseTo(0.8, within(1e-12));
    assertThat(confusion.confusables("animal").get(1).weight()).isCloseTo(0.6, within(1e-12));
    assertThat(confusion.draw(0.57, "animal")).isEqualTo("plant");
    assertThat(confusion.draw(0.58, "animal")).isEqualTo("body");
    assertThat(confusion.draw(0.5, "time")).isNull();
  }

  private static double share(String own, String drawn) {
    int n = 7000;
    int hits = 0;
    for (int i = 0; i < n; i++) {
      hits += FREQUENCIES.drawOther((i + 0.5) / n, own).equals(drawn) ? 1 : 0;
    }
    return (double) hits / n;
  }
}
