package io.recant.jobs.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FindingTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0.0, 0.00", "1, 1.0, 1.00", "0.5, 0.5, 0.50", "0.125, 0.125, 0.13",
    "0.000001, 0.000001, 0.00", "0.9999999, 1.0, 1.00", "2, 2.0, 2.00", "0.0000004, 0.0, 0.00"
  })
  void numbersHaveNoExponent(double number, String inEvidence, String inReasons) {
    assertThat(Finding.append(new StringBuilder(), number)).hasToString(inEvidence);
    assertThat(Finding.appendShare(new StringBuilder(), number)).hasToString(inReasons);
  }

  @Property(tries = 500)
  void theyAreRoundedAsEveryOtherDetectorRounds(@ForAll @FloatRange(min = 0, max = 1) float p) {
    assertThat(Double.parseDouble(Finding.append(new StringBuilder(), p).toString()))
        .isEqualTo(Finding.rounded(p));
    assertThat(Finding.appendShare(new StringBuilder(), p))
        .hasToString(String.format(Locale.ROOT, "%.2f", p));
  }
}
