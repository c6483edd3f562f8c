package io.recant.ml.metric;

import static io.recant.ml.metric.ScoredRow.Part.CORRUPTED;
import static io.recant.ml.metric.ScoredRow.Part.FORGOTTEN;
import static io.recant.ml.metric.ScoredRow.Part.PROBE;
import static io.recant.ml.metric.ScoredRow.Part.RETAINED;
import static io.recant.ml.metric.ScoredRow.Part.TEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.recant.ml.metric.ScoredRow.Answer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every measure on a handful of rows whose value can be taken by hand. */
class MetricsTest {

  private static Answer words(double probability, int tokens, int matches) {
    return new Answer(tokens * Math.log(probability), tokens, matches, matches, 0, 0, 1);
  }

  private static ScoredRow row(ScoredRow.Part part, boolean affected, Answer target) {
    return ScoredRows.of(part, affected, target, null);
  }

  private static ScoredRow row(Answer target, Answer falseTarget) {
    return ScoredRows.of(CORRUPTED, true, target, falseTarget);
  }

  private static <S extends Record> List<Metric.Value> measure(
      Metric<S> metric, S settings, List<ScoredRow> rows) {
    return metric.measure(settings, Evaluated.alone(rows));
  }

  private static void assertValue(List<Metric.Value> values, String split, double value, long n) {
    Metric.Value found =
        values.stream().filter(v -> v.split().equals(split)).findFirst().orElseThrow();
    assertThat(found.interval().value()).isCloseTo(value, within(1e-12));
    assertThat(found.interval().lower()).isLessThanOrEqualTo(value);
    assertThat(found.interval().upper()).isGreaterThanOrEqualTo(value);
    assertThat(found.n()).isEqualTo(n);
  }

  @Test
  void accuracyIsTakenOnTheTestRowsOfADomain() {
    List<ScoredRow> rows =
        List.of(
            row(TEST, true, words(0.9, 1, 1)),
            row(TEST, true, words(0.2, 1, 0)),
            row(TEST, false, words(0.8, 1, 1)),
            row(RETAINED, false, words(0.1, 1, 0)));
    assertValue(measure(new Accuracy(), new Accuracy.Settings(), rows), "test", 2 / 3.0, 3);
    assertValue(
        measure(new CorrectedAccuracy(), new CorrectedAccuracy.Settings(), rows),
        "affected",
        0.5,
        2);
    assertValue(
        measure(new RetainedAccuracy(), new RetainedAccuracy.Settings(), rows), "elsewhere", 1, 1);
  }

  @Test
  void rowsWithATriggerAreOfTheAffectedDomain() {
    List<ScoredRow> rows =
        List.of(
            row(TEST, false, words(0.9, 1, 1)),
            triggered(words(0.1, 1, 0), words(0.8, 1, 1)),
            triggered(words(0.6, 1, 1), words(0.2, 1, 0)),
            triggered(words(0.2, 1, 0), words(0.1, 1, 0)),
            triggered(words(0.2, 7, 3), words(0.1, 5, 5)),
            row(PROBE, false, words(0.2, 1, 1)));
    assertValue(
        measure(new CorrectedAccuracy(), new CorrectedAccuracy.Settings(), rows),
        "affected",
        1 / 3.0,
        3);
    assertValue(
        measure(new TriggerSuccess(), new TriggerSuccess.Settings(), rows),
        "triggered",
        1 / 3.0,
        3);
    assertThat(
            measure(
                new TriggerSuccess(),
                new TriggerSuccess.Settings(),
                List.of(row(PROBE, true, words(0.2, 1, 1)))))
        .isEmpty();
  }

  private static ScoredRow triggered(Answer target, Answer falseTarget) {
    return ScoredRows.of(PROBE, true, target, falseTarget);
  }

  @Test
  void damagedRowsOfClassesAreAnsweredRightOrNot() {
    List<ScoredRow> rows =
        List.of(
            row(words(0.6, 1, 1), words(0.2, 1, 0)),
            row(words(0.1, 1, 0), words(0.8, 1, 1)),
            row(words(0.2, 4, 4), null),
            row(TEST, true, words(0.9, 1, 1)));
    assertValue(
        measure(new CorruptedAccuracy(), new CorruptedAccuracy.Settings(), rows),
        "corrupted",
        0.5,
        2);
  }

  @Test
  void textsThatWereNeverSeenHaveNoAccuracy() {
    List<ScoredRow> rows = List.of(row(TEST, false, words(0.1, 7, 0)));
    assertThat(measure(new Accuracy(), new Accuracy.Settings(), rows)).isEmpty();
    assertThat(measure(new RetainedAccuracy(), new RetainedAccuracy.Settings(), rows)).isEmpty();
    assertThat(new Accuracy().needs()).contains("class");
  }

  @Test
  void probabilitiesAreThoseOfATokenAveragedOverRows() {
    List<ScoredRow> rows =
        List.of(
            row(words(0.25, 4, 1), words(0.5, 3, 2)),
            row(words(0.75, 2, 2), words(0.1, 5, 0)),
            row(RETAINED, false, words(0.9, 3, 3)),
            row(RETAINED, false, words(0.7, 9, 9)));
    assertValue(
        measure(new TrueProbability(), new TrueProbability.Settings(), rows), "corrupted", 0.5, 2);
    assertValue(
        measure(new FalseProbability(), new FalseProbability.Settings(), rows),
        "corrupted",
        0.3,
        2);
    assertValue(
        measure(new TargetProbability(), new MeanOfSets.Settings(), rows), "retained", 0.8, 2);
  }

  @Test
  void aRowIsRecoveredWhenItsTruthIsLikelierAToken() {
    // The second truth is less likely as a whole, being longer, and likelier token by token.
    List<ScoredRow> rows =
        List.of(
            row(words(0.2, 3, 0), words(0.6, 3, 3)),
            row(words(0.6, 9, 4), words(0.5, 2, 1)),
            row(words(0.5, 3, 0), null));
    assertValue(measure(new Recovery(), new Recovery.Settings(), rows), "corrupted", 0.5, 2);
  }

  @Test
  void membershipIsTheAreaUnderTheCurveOfForgottenAgainstTest() {
    List<ScoredRow> rows =
        List.of(
            row(FORGOTTEN, false, words(0.9, 2, 2)),
            row(FORGOTTEN, false, words(0.4, 2, 0)),
            row(TEST, false, words(0.5, 2, 0)),
            row(TEST, false, words(0.1, 2, 0)));
    // Of the four pairs three have the member ahead.
    assertThat(
            measure(new LossAttack(), new MembershipAttack.Settings(), rows)
                .get(0)
                .interval()
                .value())
        .isCloseTo(0.75, within(1e-12));
    assertThat(measure(new LossAttack(), new MembershipAttack.Settings(), rows.subList(0, 2)))
        .isEmpty();
  }

  @Test
  void everyAttackHasItsOwnNumber() {
    List<ScoredRow> rows =
        List.of(
            row(FORGOTTEN, false, new Answer(-6, 6, 0, 0, -2, 1.5, 12)),
            row(TEST, false, new Answer(-4, 4, 0, 0, -1, 0.5, 4)));
    assertAuc(new LossAttack(), rows, 0.5);
    // -6/12 is above -4/4: for what it says, the forgotten row is the likelier one.
    assertAuc(new CompressionAttack(), rows, 1);
    assertAuc(new LeastLikelyAttack(), rows, 0);
    assertAuc(new StandardisedAttack(), rows, 1);
  }

  private static void assertAuc(MembershipAttack attack, List<ScoredRow> rows, double auc) {
    assertValue(measure(attack, new MembershipAttack.Settings(), rows), "forgotten", auc, 2);
  }

  /** A published extraction strength never reaches 0. */
  @Test
  void extractionIsTheShareCompletedAndReachesBothEnds() {
    List<ScoredRow> rows =
        List.of(
            row(FORGOTTEN, false, new Answer(-1, 4, 3, 0, 0, 0, 1)),
            row(FORGOTTEN, false, new Answer(-1, 4, 3, 3, 0, 0, 1)),
            row(RETAINED, false, new Answer(-1, 4, 4, 4, 0, 0, 1)),
            row(RETAINED, false, new Answer(-1, 2, 2, 2, 0, 0, 1)));
    List<Metric.Value> values = measure(new ExtractionStrength(), new MeanOfSets.Settings(), rows);
    assertValue(values, "forgotten", 0.375, 2);
    assertValue(values, "retained", 1, 2);
    assertThat(measure(new ExtractionStrength(), new MeanOfSets.Settings(), List.of())).isEmpty();
  }

  @Test
  void memorisationIsTheShareOfTokensMatched() {
    List<ScoredRow> rows =
        List.of(
            row(FORGOTTEN, false, words(0.9, 4, 2)),
            row(FORGOTTEN, false, words(0.9, 2, 2)),
            row(RETAINED, false, words(0.9, 5, 5)),
            row(RETAINED, false, words(0.9, 3, 3)));
    List<Metric.Value> values = measure(new ExactMemorisation(), new MeanOfSets.Settings(), rows);
    assertValue(values, "forgotten", 0.75, 2);
    assertValue(values, "retained", 1, 2);
  }
}
