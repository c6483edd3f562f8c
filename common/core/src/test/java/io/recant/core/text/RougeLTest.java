package io.recant.core.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RougeLTest {

  /** As computed by rouge-score 0.1.2 with its stemmer. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "The author was born in Santiago, Chile.|Santiago in Chile is where the authors were born"
            + "|0.3333333333333333|0.42857142857142855|0.375",
        "She writes running stories about happiness and generalizations."
            + "|happily, she wrote a story about running general happiness"
            + "|0.4444444444444444|0.5|0.47058823529411764",
        "1945's  agreed-upon policies: relational databases flies!"
            + "|The policy agreed upon in 1945 was a relational database fly"
            + "|0.36363636363636365|0.5|0.4210526315789474",
        "Die dying lying ties|ties lie dy die|0.25|0.25|0.25",
        "aaa bbb aaa ccc|aaa ccc bbb aaa|0.75|0.75|0.75",
        "word|other|0|0|0",
      })
  void agreesWithTheUsualScorer(
      String expected, String said, double precision, double recall, double f1) {
    RougeL score = RougeL.of(expected, said);
    assertThat(score.precision()).isCloseTo(precision, within(1e-12));
    assertThat(score.recall()).isCloseTo(recall, within(1e-12));
    assertThat(score.f1()).isCloseTo(f1, within(1e-12));
  }

  @Test
  void silenceRecallsNothing() {
    assertThat(RougeL.of("a text", "")).isEqualTo(new RougeL(0, 0));
    assertThat(RougeL.of("...", "a text")).isEqualTo(new RougeL(0, 0));
    assertThat(RougeL.of("", "").f1()).isZero();
  }
}
