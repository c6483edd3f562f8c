package io.recant.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.jobs.report.ReportData.Axes;
import io.recant.jobs.report.ReportData.Measure;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ForgetRetainAxesTest {

  @Test
  void takesTheCorrectiveMeasuresOfAClassifier() {
    assertThat(choose("accuracy/test", "acc_retain/elsewhere", "acc_corr/affected"))
        .isEqualTo(axes("acc_corr/affected", "acc_retain/elsewhere"));
  }

  @Test
  void takesTheRowsOfEachSideForALanguageModel() {
    assertThat(
            choose(
                "probability_false/retained",
                "probability_false/forgotten",
                "probability/retained"))
        .isEqualTo(axes("probability_false/forgotten", "probability/retained"));
  }

  @Test
  void fallsBackToTheRowsForMeasuresItDoesNotKnow() {
    assertThat(choose("rouge/holdout", "rouge/forgotten"))
        .isEqualTo(axes("rouge/forgotten", "rouge/holdout"));
  }

  @Test
  void choosesNothingWhereThereIsOnlyOneSide() {
    assertThat(choose("accuracy/test")).isNull();
    assertThat(choose("probability_false/forgotten", "rouge/forgotten")).isNull();
    assertThat(choose()).isNull();
  }

  private static Axes choose(String... measures) {
    return ForgetRetainAxes.choose(Stream.of(measures).map(ForgetRetainAxesTest::measure).toList());
  }

  private static Axes axes(String forget, String retain) {
    return new Axes(measure(forget), measure(retain));
  }

  private static Measure measure(String text) {
    List<String> parts = List.of(text.split("/"));
    return new Measure(parts.get(0), parts.get(1));
  }
}
