package io.recant.ml.metric;

import static io.recant.ml.metric.ScoredRow.Part.FORGOTTEN;
import static io.recant.ml.metric.ScoredRow.Part.PROBE;
import static io.recant.ml.metric.ScoredRow.Part.RETAINED;
import static io.recant.ml.metric.ScoredRow.Part.TEST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.recant.core.error.ConfigException;
import io.recant.ml.metric.ScoredRow.Answer;
import io.recant.ml.metric.ScoredRow.Said;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Measures of unlearning on rows whose value can be taken by hand. */
class UnlearningMetricsTest {

  private static final Said HALF = new Said("one two three four", "two four");
  private static final Said NONE = new Said("one two", "");

  private static Answer words(double probability, int tokens) {
    return new Answer(tokens * Math.log(probability), tokens, 0, 0, 0, 0, 1);
  }

  private static Answer matched(int matches, int tokens) {
    return new Answer(-1, tokens, matches, 0, 0, 0, 1);
  }

  private static <S extends Record> double value(
      Metric<S> metric, S settings, Evaluated model, String split) {
    return metric.measure(settings, model).stream()
        .filter(v -> v.split().equals(split))
        .findFirst()
        .orElseThrow()
        .interval()
        .value();
  }

  /**
   * Forgotten rows of truth ratios r: a wrong answer of probability p r beside a right one of p.
   */
  private static List<ScoredRow> ratios(double... ratios) {
    return java.util.Arrays.stream(ratios)
        .mapToObj(
            r ->
                ScoredRows.choice(
                    FORGOTTEN, "forgotten", words(0.9, 3), words(0.5, 2), words(0.5 * r, 5)))
        .toList();
  }

  @Test
  void truthRatioIsTheGeometricMeanOfWrongAnswersOverTheParaphrase() {
    ScoredRow row =
        ScoredRows.choice(
            FORGOTTEN, "forgotten", words(0.9, 3), words(0.4, 7), words(0.1, 2), words(0.4, 9));
    assertThat(row.truthRatio()).isCloseTo(0.5, within(1e-12));
    ScoredRow choice =
        ScoredRows.choice(PROBE, "world", words(0.2, 1), null, words(0.1, 1), words(0.1, 3));
    assertThat(choice.truthRatio()).as("without a paraphrase").isCloseTo(0.5, within(1e-12));
    assertThat(ScoredRows.of(TEST, false, words(0.5, 1), null).truthRatio()).isNaN();
  }

  @Test
  void truthRatioCountsTheOtherWayRoundWhereTruthShouldStay() {
    MeanOfSets.Settings none = new MeanOfSets.Settings();
    Evaluated model =
        Evaluated.alone(
            List.of(
                ratios(2.0).get(0),
                ratios(0.25).get(0),
                ScoredRows.choice(PROBE, "world", words(0.4, 1), null, words(0.1, 1)),
                ScoredRows.choice(PROBE, "world", words(0.1, 1), null, words(0.4, 1)),
                ScoredRows.of(RETAINED, false, words(0.5, 1), null)));
    assertThat(value(new TruthRatio(), none, model, "forgotten"))
        .as("(min(2, 1/2) + min(1/4, 4)) / 2")
        .isCloseTo(0.375, within(1e-12));
    assertThat(value(new TruthRatio(), none, model, "world"))
        .as("(1 - 1/4 + 0) / 2")
        .isCloseTo(0.375, within(1e-12));
    assertThat(new TruthRatio().measure(none, model)).as("kept rows have none").hasSize(2);
  }

  @Test
  void aChoiceIsWonByItsShare() {
    Evaluated model =
        Evaluated.alone(
            List.of(
                ScoredRows.choice(
                    PROBE, "world", words(0.3, 2), null, words(0.1, 2), words(0.2, 1)),
                ScoredRows.choice(PROBE, "told", words(0.3, 2), words(0.2, 1), words(0.1, 2))));
    MeanOfSets.Settings none = new MeanOfSets.Settings();
    assertThat(value(new TargetProbability(), none, model, "world")).isCloseTo(0.5, within(1e-12));
    assertThat(value(new TargetProbability(), none, model, "told")).isCloseTo(0.3, within(1e-12));
  }

  @Test
  void forgetQualityIsTheExactTestAgainstTheRetainedModel() {
    ForgetQuality.Settings none = new ForgetQuality.Settings();
    Evaluated apart = Evaluated.beside(ratios(0.7, 0.8, 0.9), ratios(0.1, 0.2, 0.3));
    assertThat(value(new ForgetQuality(), none, apart, "forgotten"))
        .as("2 of the 20 ways to split six values are as far apart")
        .isCloseTo(0.1, within(1e-12));
    Evaluated alike = Evaluated.beside(ratios(0.3, 0.1, 0.8), ratios(0.1, 0.8, 0.3));
    assertThat(value(new ForgetQuality(), none, alike, "forgotten")).isEqualTo(1);
    assertThat(new ForgetQuality().measure(none, Evaluated.alone(ratios(0.1, 0.2)))).isEmpty();
  }

  @Test
  void utilityIsAHarmonicMean() {
    ScoredRow told =
        ScoredRows.said(
            ScoredRows.choice(PROBE, "told", words(0.4, 1), words(0.5, 1), words(0.1, 1)),
            HALF,
            null);
    ScoredRow world =
        ScoredRows.said(
            ScoredRows.choice(PROBE, "world", words(0.3, 1), null, words(0.15, 1)), HALF, null);
    Evaluated model = Evaluated.alone(List.of(told, world, ratios(0.1).get(0)));
    double harmonic = 6 / (1 / 0.4 + 1 / 0.5 + 1 / 0.8 + 1.5 + 1 / 0.5 + 1 / 0.5);
    assertThat(value(new ModelUtility(), new ModelUtility.Settings(List.of()), model, "utility"))
        .isCloseTo(harmonic, within(1e-12));
    assertThat(
            value(new ModelUtility(), new ModelUtility.Settings(List.of("told")), model, "utility"))
        .isCloseTo(3 / (1 / 0.4 + 1 / 0.5 + 1 / 0.8), within(1e-12));
    ScoredRow mute = ScoredRows.said(world, NONE, null);
    assertThat(
            value(
                new ModelUtility(),
                new ModelUtility.Settings(List.of()),
                Evaluated.alone(List.of(told, mute)),
                "utility"))
        .as("one that is nothing makes it nothing")
        .isZero();
    assertThat(
            new ModelUtility()
                .measure(new ModelUtility.Settings(List.of()), Evaluated.alone(ratios(0.5))))
        .isEmpty();
  }

  @Test
  void whatIsWrittenIsComparedWithWhatStandsThere() {
    ScoredRow forgotten =
        ScoredRows.said(ScoredRows.of(FORGOTTEN, false, words(0.5, 4), null), HALF, NONE);
    ScoredRow other =
        ScoredRows.said(ScoredRows.of(FORGOTTEN, false, words(0.5, 4), null), NONE, null);
    Evaluated model = Evaluated.alone(List.of(forgotten, other));
    assertThat(value(new AnswerOverlap(), new MeanOfSets.Settings(), model, "forgotten"))
        .as("recall of 1/2 and of 0")
        .isCloseTo(0.25, within(1e-12));
    assertThat(
            value(
                new KnowledgeMemorisation(),
                new KnowledgeMemorisation.Settings(List.of()),
                model,
                "forgotten"))
        .as("F1 of precision 1 and recall 1/2, and 0")
        .isCloseTo(1 / 3.0, within(1e-12));
    assertThat(value(new VerbatimMemorisation(), new MeanOfSets.Settings(), model, "forgotten"))
        .as("the row that was not asked does not count")
        .isZero();
    assertThat(
            new KnowledgeMemorisation()
                .measure(new KnowledgeMemorisation.Settings(List.of("asked")), model))
        .isEmpty();
  }

  @Test
  void anAnswerIsRightAsAnyOfThoseThatAre() {
    Evaluated model =
        Evaluated.alone(
            List.of(asked("a", "the Writer"), asked("b", "countess"), asked("c", "a sailor")));
    assertThat(value(new AnswerAccuracy(), new MeanOfSets.Settings(), model, "probe"))
        .isCloseTo(2 / 3.0, within(1e-12));
  }

  /** a was never right, b was never wrong, c and d were lost and d is there again. */
  @Test
  void onlyAnswersThatWereLostCanBeRecovered() {
    List<ScoredRow> base =
        List.of(asked("d", "writer"), asked("c", "writer"), asked("b", "writer"), asked("a", "?"));
    List<ScoredRow> victim =
        List.of(asked("a", "?"), asked("b", "writer"), asked("c", "?"), asked("d", "sailor"));
    List<ScoredRow> unlearned =
        List.of(asked("a", "writer"), asked("b", "?"), asked("c", "?"), asked("d", "countess"));
    RecoveredAnswers.Settings none = new RecoveredAnswers.Settings();
    assertThat(
            value(
                new RecoveredAnswers(),
                none,
                new Evaluated(unlearned, List.of(), victim, base),
                "probe"))
        .isEqualTo(0.5);
    assertThat(
            value(
                new RecoveredAnswers(),
                none,
                new Evaluated(victim, List.of(), victim, base),
                "probe"))
        .isZero();
    assertThat(new RecoveredAnswers().measure(none, Evaluated.alone(unlearned))).isEmpty();
    assertThat(
            new RecoveredAnswers()
                .measure(none, new Evaluated(unlearned, List.of(), List.of(), base)))
        .as("nobody knows what was lost")
        .isEmpty();
  }

  private static ScoredRow asked(String id, String said) {
    return ScoredRows.said(
        ScoredRows.probed(id, PROBE, words(0.5, 1), null, null, null),
        new Said("writer", List.of("countess"), said),
        null);
  }

  @Test
  void aReferenceTellsWhatIsLikelyForAnybody() {
    List<ScoredRow> own =
        List.of(
            ScoredRows.probed("a", FORGOTTEN, words(0.5, 1), 0.1, null, null),
            ScoredRows.probed("b", TEST, words(0.6, 1), 3.0, null, null));
    List<ScoredRow> retained =
        List.of(
            ScoredRows.probed("b", TEST, words(0.7, 1), null, null, null),
            ScoredRows.probed("a", FORGOTTEN, words(0.1, 1), null, null, null));
    MembershipAttack.Settings none = new MembershipAttack.Settings();
    Evaluated model = Evaluated.beside(retained, own);
    assertThat(value(new LossAttack(), none, model, "forgotten")).isZero();
    assertThat(value(new ReferenceAttack(), none, model, "forgotten")).isEqualTo(1);
    assertThat(value(new GradientAttack(), none, model, "forgotten")).isEqualTo(1);
    assertThat(new ReferenceAttack().measure(none, Evaluated.alone(own))).isEmpty();
    assertThat(new GradientAttack().measure(none, Evaluated.alone(retained))).isEmpty();
  }

  @Test
  void leakIsTheAttackBesideThatOnTheRetainedModel() {
    PrivacyLeak.Settings byLoss = new PrivacyLeak.Settings("membership_auc");
    Evaluated model = Evaluated.beside(attacked(0.9, 0.05), attacked(0.9, 0.4));
    assertThat(value(new PrivacyLeak(), byLoss, model, "forgotten"))
        .as("3 of 4 pairs beside 2 of 4")
        .isCloseTo(50, within(1e-12));
    assertThat(new PrivacyLeak().measure(byLoss, Evaluated.alone(attacked(0.9, 0.4)))).isEmpty();
    assertThatThrownBy(() -> new PrivacyLeak.Settings("accuracy"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no membership attack");
  }

  /** Two forgotten rows of these probabilities, and test rows of 0.5 and 0.1. */
  private static List<ScoredRow> attacked(double... members) {
    return List.of(
        ScoredRows.probed("a", FORGOTTEN, words(members[0], 1), null, null, null),
        ScoredRows.probed("b", FORGOTTEN, words(members[1], 1), null, null, null),
        ScoredRows.probed("c", TEST, words(0.5, 1), null, null, null),
        ScoredRows.probed("d", TEST, words(0.1, 1), null, null, null));
  }

  @Test
  void probesCountOnlyRowsThatWereNotShown() {
    Evaluated model =
        Evaluated.alone(
            List.of(
                ScoredRows.probed("a", FORGOTTEN, matched(0, 4), null, null, matched(1, 4)),
                ScoredRows.probed(
                    "b", FORGOTTEN, matched(0, 4), null, matched(3, 4), matched(2, 4)),
                ScoredRows.probed("c", RETAINED, matched(4, 4), null, matched(4, 4), null)));
    assertThat(value(new RelearntMemorisation(), new MeanOfSets.Settings(), model, "forgotten"))
        .isEqualTo(0.75);
    assertThat(value(new RoundedMemorisation(), new MeanOfSets.Settings(), model, "forgotten"))
        .isEqualTo(0.375);
  }
}
