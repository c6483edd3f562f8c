package io.recant.core.crowd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CrowdTest {

  /** Sample, annotator, answer; golden values come from another implementation, in NumPy. */
  private static final int[][] SIX = {
    {0, 0, 0}, {0, 1, 0}, {0, 2, 1}, {1, 0, 1}, {1, 1, 1}, {1, 2, 0}, {2, 0, 0}, {2, 1, 0},
    {2, 2, 0}, {3, 0, 1}, {3, 1, 0}, {3, 2, 0}, {4, 0, 1}, {4, 1, 1}, {4, 2, 1}, {5, 0, 0},
    {5, 1, 1}
  };

  private static final float[][] PREDICTED = {
    {.9f, .1f}, {.2f, .8f}, {.7f, .3f}, {.6f, .4f}, {.1f, .9f}, {.3f, .7f}
  };

  @Test
  void fittedModelsGiveTheGoldenPosteriors() {
    assertPosterior(Method.DAWID_SKENE, 0.959055, 0.093279, 0.978535, 0.889395, 0.050203, 0.306467);
    assertPosterior(
        Method.POOLED_DAWID_SKENE, 0.699601, 0.307984, 0.866826, 0.653755, 0.137366, 0.491162);
    assertPosterior(Method.ONE_COIN, 0.800331, 0.258476, 0.924019, 0.721476, 0.103049, 0.484407);
  }

  @Test
  void crowdlabWeighsTheModelAndTheAnnotatorsByItsFormula() {
    assertPosterior(Method.CROWDLAB, 0.826535, 0.219165, 0.735135, 0.5457, 0.173465, 0.4086);
  }

  private static void assertPosterior(Method method, double... first) {
    Answers answers = six();
    Fit fit = fitted(method, Answers.ALL, answers, 3);
    for (int s = 0; s < 6; s++) {
      assertThat(posterior(fit.model(), answers, s, Answers.ALL)[0])
          .as(method + " " + s)
          .isCloseTo(first[s], within(1e-5));
    }
  }

  @Test
  void theMajorityIsFirstAndTiesGoToTheMoreFrequentClassThenToTheFirst() {
    Answers answers =
        answers(3, new int[][] {{0, 0, 1}, {0, 1, 1}, {0, 2, 0}, {1, 0, 0}, {1, 1, 1}}, null);
    TruthModel vote = fitted(Method.MAJORITY, Answers.ALL, answers, 3).model();
    assertThat(TruthModel.best(posterior(vote, answers, 0, Answers.ALL))).isEqualTo(1);
    assertThat(TruthModel.best(posterior(vote, answers, 1, Answers.ALL))).isEqualTo(1);
    Answers even = answers(2, new int[][] {{0, 0, 0}, {0, 1, 1}}, null);
    assertThat(
            TruthModel.best(
                posterior(
                    fitted(Method.MAJORITY, Answers.ALL, even, 2).model(), even, 0, Answers.ALL)))
        .isZero();
  }

  @Test
  void agreementMatchesPublishedExamples() {
    Agreement fleiss = new Agreement(5);
    for (int[] votes :
        new int[][] {
          {0, 0, 0, 0, 14}, {0, 2, 6, 4, 2}, {0, 0, 3, 5, 6}, {0, 3, 9, 2, 0}, {2, 2, 8, 1, 1},
          {7, 7, 0, 0, 0}, {3, 2, 6, 3, 0}, {2, 5, 3, 2, 2}, {6, 5, 2, 1, 0}, {0, 2, 2, 3, 7}
        }) {
      fleiss.add(votes);
    }
    assertThat(fleiss.fleissKappa()).isCloseTo(0.20993070442195522, within(1e-12));
    int[][] coders = {
      {1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0},
      {1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3},
      {0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0},
      {1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0}
    };
    Agreement first = new Agreement(5);
    Agreement second = new Agreement(5);
    for (int unit = 0; unit < 12; unit++) {
      int[] votes = new int[5];
      for (int[] coder : coders) {
        if (coder[unit] > 0) {
          votes[coder[unit] - 1]++;
        }
      }
      (unit % 2 == 0 ? first : second).add(votes);
    }
    assertThat(first.merge(second).krippendorffAlpha()).isCloseTo(0.743421052631579, within(1e-12));
    assertThat(first.samples()).isEqualTo(11);
  }

  @Test
  void agreementOfOneClassOrOfSingleAnswersIsNotANumber() {
    assertThat(new Agreement(2).add(new int[] {3, 0}).fleissKappa()).isNaN();
    assertThat(new Agreement(2).add(new int[] {3, 0}).krippendorffAlpha()).isNaN();
    assertThat(new Agreement(2).add(new int[] {1, 0}).fleissKappa()).isNaN();
    assertThat(new Agreement(2).add(new int[] {1, 1}).krippendorffAlpha()).isEqualTo(0);
  }

  @Test
  void whatIsHeldOutDoesNotMatter() {
    int[][] other = Arrays.stream(SIX).map(int[]::clone).toArray(int[][]::new);
    for (int i = 0; i < other.length; i++) {
      if (i % 3 == 1) {
        other[i][2] = 1 - other[i][2];
      }
    }
    for (Method method : Method.values()) {
      Answers a = answers(2, SIX, PREDICTED);
      Answers b = answers(2, other, PREDICTED);
      TruthModel one = fitted(method, 1, a, 3).model();
      TruthModel two = fitted(method, 1, b, 3).model();
      for (int s = 0; s < 6; s++) {
        assertThat(posterior(one, a, s, 1)).isEqualTo(posterior(two, b, s, 1));
      }
    }
  }

  @Test
  void countsAreTheSameToTheBitHoweverSamplesAreSpread() {
    Answers all = crowd(60, 7, 3, 0.7, 9);
    ConfusionCounts whole =
        new ConfusionCounts(7, 3, ConfusionCounts.Detail.MATRIX)
            .add(all, VoteShares.uniform(3), Answers.ALL);
    ConfusionCounts parts = new ConfusionCounts(7, 3, ConfusionCounts.Detail.MATRIX);
    for (int s = 59; s >= 0; s--) {
      Answers.Builder one = new Answers.Builder(3).sample(new float[0]);
      for (int i = all.start(s); i < all.start(s + 1); i++) {
        one.answer(all.annotator(i), all.answer(i), all.fold(i));
      }
      parts.merge(
          new ConfusionCounts(7, 3, ConfusionCounts.Detail.MATRIX)
              .add(one.build(), VoteShares.uniform(3), Answers.ALL));
    }
    for (int cell = 0; cell < 63; cell++) {
      assertThat(parts.count(cell / 9, cell / 3 % 3, cell % 3))
          .isEqualTo(whole.count(cell / 9, cell / 3 % 3, cell % 3));
    }
  }

  @Test
  void anAnnotatorWhoAlwaysErrsTheSameWayIsHeededAndHeldOutAnswersSaySo() {
    Answers answers = crowd(400, 7, 2, 0.75, 4);
    HeldOut vote = heldOut(Method.MAJORITY, answers, 7);
    HeldOut model = heldOut(Method.DAWID_SKENE, answers, 7);
    assertThat(vote.answers()).isEqualTo(model.answers()).isPositive();
    assertThat(model.logLikelihood()).isGreaterThan(vote.logLikelihood()).isNegative();
    Fit fit = fitted(Method.DAWID_SKENE, Answers.ALL, answers, 7);
    AnnotatorQuality contrary = AnnotatorQuality.of(fit.counts())[6];
    assertThat(contrary.accuracy()).isLessThan(0.1);
    assertThat(contrary.information()).isGreaterThan(0.5);
    assertThat(contrary.confusions()).isGreaterThan(100);
    long right =
        IntStream.range(0, 400)
            .filter(s -> TruthModel.best(posterior(fit.model(), answers, s, Answers.ALL)) == s % 2)
            .count();
    assertThat(right).isGreaterThan(385);
  }

  private static HeldOut heldOut(Method method, Answers answers, int annotators) {
    HeldOut sum = new HeldOut();
    for (int fold = 0; fold < 3; fold++) {
      Fit fit = fitted(method, fold, answers, annotators);
      sum.merge(new HeldOut().add(answers, fit, fit.counts().annotatorModel()));
    }
    return sum;
  }

  /** Sample s is of class s mod classes; the last annotator always says the next class. */
  private static Answers crowd(
      int samples, int annotators, int classes, double accuracy, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Answers.Builder answers = new Answers.Builder(classes);
    for (int s = 0; s < samples; s++) {
      answers.sample(new float[0]);
      for (int j = 0; j < annotators; j++) {
        boolean errs = j == annotators - 1 || random.nextDouble() > accuracy;
        answers.answer(j, (s + (errs ? 1 : 0)) % classes, random.nextInt(3));
      }
    }
    return answers.build();
  }

  private static Answers six() {
    return answers(2, SIX, PREDICTED);
  }

  private static Answers answers(int classes, int[][] triples, float[][] predicted) {
    Answers.Builder builder = new Answers.Builder(classes);
    int sample = -1;
    for (int i = 0; i < triples.length; i++) {
      if (triples[i][0] != sample) {
        sample = triples[i][0];
        builder.sample(predicted == null ? new float[0] : predicted[sample]);
      }
      builder.answer(triples[i][1], triples[i][2], i % 3);
    }
    return builder.build();
  }

  private static Fit fitted(Method method, int without, Answers answers, int annotators) {
    Fit fit = new Fit(method, without, answers.classes());
    while (!fit.settled()) {
      Optional<VoteAgreement> agreement =
          Optional.of(
              new VoteAgreement(annotators, answers.classes()).add(answers, fit.model(), without));
      fit.after(
          new ConfusionCounts(annotators, answers.classes(), ConfusionCounts.Detail.MATRIX)
              .add(answers, fit.model(), without),
          agreement);
    }
    assertThat(List.of(fit.passes())).allMatch(passes -> passes <= 103);
    return fit;
  }

  private static double[] posterior(TruthModel model, Answers answers, int sample, int without) {
    double[] p = new double[answers.classes()];
    model.infer(answers, sample, without, p);
    assertThat(Arrays.stream(p).sum()).isCloseTo(1, within(1e-12));
    return p;
  }
}
