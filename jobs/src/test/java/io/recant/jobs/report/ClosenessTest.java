package io.recant.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class ClosenessTest {

  @Test
  void isOneAtTheOracleAndZeroAtTheUntouchedModel() {
    assertThat(Closeness.of("higher", 0.8, 0.8, 0.4, null)).isEqualTo(1.0);
    assertThat(Closeness.of("higher", 0.4, 0.8, 0.4, null)).isEqualTo(0.0);
    assertThat(Closeness.of("higher", 0.6, 0.8, 0.4, null)).isEqualTo(0.5, within(1e-12));
    assertThat(Closeness.of("higher", 0.3, 0.8, 0.4, null)).isEqualTo(-0.25, within(1e-12));
  }

  @Test
  void blamesBeatingTheOracleOnlyWhereTheOracleIsBest() {
    assertThat(Closeness.of("higher", 0.9, 0.8, 0.4, null)).isEqualTo(1.0);
    assertThat(Closeness.of("lower", 0.1, 0.2, 0.6, null)).isEqualTo(1.0);
    assertThat(Closeness.of("oracle", 0.1, 0.2, 0.6, null)).isEqualTo(0.75, within(1e-12));
  }

  @Test
  void doesNotTurnNoiseIntoColour() {
    assertThat(Closeness.of("higher", 0.79, 0.8, 0.8, 0.02)).isEqualTo(0.5, within(1e-12));
    assertThat(Closeness.of("higher", 0.792, 0.8, 0.8, null)).isEqualTo(0.5, within(1e-12));
    assertThat(Closeness.of("higher", 0.5, 0.8, 0.8, 0.02)).isEqualTo(-1.0);
  }

  @Test
  void isUnknownWithoutAComparison() {
    assertThat(Closeness.of("higher", null, 0.8, 0.4, null)).isNull();
    assertThat(Closeness.of("higher", 0.5, null, 0.4, null)).isNull();
    assertThat(Closeness.of("higher", 0.5, 0.8, null, null)).isNull();
    assertThat(Closeness.of("higher", Double.NaN, 0.8, 0.4, null)).isNull();
    assertThat(Closeness.of("oracle", 0.1, 0.0, 0.0, null)).isNull();
  }

  @Property
  void staysInRangeAndFallsWithDistance(
      @ForAll @DoubleRange(min = -5, max = 5) double oracle,
      @ForAll @DoubleRange(min = -5, max = 5) double untouched,
      @ForAll @DoubleRange(min = 0, max = 3) double near,
      @ForAll @DoubleRange(min = 0, max = 3) double further) {
    Double nearer = Closeness.of("oracle", oracle + near, oracle, untouched, 0.01);
    Double farther = Closeness.of("oracle", oracle + near + further, oracle, untouched, 0.01);
    assertThat(nearer).isBetween(-1.0, 1.0);
    assertThat(farther).isBetween(-1.0, nearer);
  }
}
