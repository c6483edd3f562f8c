package io.recant.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.jobs.report.ModelScores.Cost;
import io.recant.jobs.report.ModelScores.Score;
import io.recant.jobs.report.ReportData.Method;
import io.recant.jobs.report.ReportData.Model;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelComparisonTest {

  @Test
  void putsReferencesFirstAndTheClosestMethodNext() {
    Model model =
        only(
            List.of(
                score("npo", 0.5),
                score("oracle", 0.8),
                score("ssd", 0.75),
                score("victim", 0.4),
                score("retrained", 0.6)));
    assertThat(model.methods())
        .extracting(Method::name)
        .containsExactly("victim", "retrained", "oracle", "ssd", "npo");
  }

  @Test
  void takesOracleAndUntouchedFromTheirMethodsWhereAScoreLacksThem() {
    Model model = only(List.of(score("oracle", 0.8), score("victim", 0.4), score("ssd", 0.7)));
    assertThat(model.methods().get(2).closeness())
        .isCloseTo(0.75, org.assertj.core.data.Offset.offset(1e-9));
    assertThat(only(List.of(score("ssd", 0.7))).methods().get(0).closeness()).isNull();
  }

  @Test
  void saysWhichMethodIsClosestAndWhatItCost() {
    List<Model> models =
        ModelComparison.of(
            List.of(score("oracle", 0.8), score("victim", 0.4), score("ssd", 0.7)),
            List.of(cost("ssd", 5), cost("retrained", 200)),
            Map.of());
    assertThat(models.get(0).headline())
        .isEqualTo(
            "ssd comes closest to the model that never saw the bad rows: closeness 0.75 over 1"
                + " measure, at 2.5 % of the time of retraining.");
  }

  private static Model only(List<Score> scores) {
    return ModelComparison.of(scores, List.of(), Map.of()).get(0);
  }

  private static Score score(String method, double value) {
    return new Score(
        "m",
        method,
        "acc_corr",
        "test",
        value,
        null,
        1,
        null,
        null,
        null,
        null,
        "higher",
        10,
        null);
  }

  private static Cost cost(String method, double seconds) {
    return new Cost("m", method, "c", "f", 1.0, seconds, 1.0, "steps", "cpu");
  }
}
