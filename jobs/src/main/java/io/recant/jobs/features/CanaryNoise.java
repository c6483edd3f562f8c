package io.recant.jobs.features;

import io.recant.core.label.ConfusableNoise;
import io.recant.core.label.ExactSums;
import io.recant.core.label.NoiseTransition;
import io.recant.jobs.noise.ConfusableNoiseEstimate;
import io.recant.jobs.noise.GivenLabel;
import io.recant.jobs.noise.States;
import io.recant.jobs.noise.TransitionEstimate;
import io.recant.spark.step.StepContext;
import java.io.Serializable;
import java.util.Arrays;
import org.apache.spark.api.java.JavaRDD;

/**
 * How labels of a corpus go wrong, as canaries have to imitate it. Two kinds are known: classes
 * that are given for each other and random flips ({@link TransitionEstimate}), alike on every row
 * of a class; and people's errors, which fall on hard rows ({@link ConfusableNoise}). Canaries of
 * the first kind are easier to find than errors of the second, and would make a forget set look
 * smaller than it should be. So the second is taken where the given labels bear it out ({@link
 * ConfusableNoiseEstimate}).
 */
interface CanaryNoise extends Serializable {

  /** What canaries are named after. */
  String name();

  /** Errors expected for a sample if it is right, up to a factor common to all. */
  double errors(GivenLabel sample);

  /** Which false labels a copy of a sample is given, in any scale; 0 for its own. */
  double[] labels(GivenLabel sample);

  /**
   * Finds out which kind a corpus has.
   *
   * @param rows samples; read several times, so persisted
   * @param count how many
   */
  static CanaryNoise of(
      StepContext context, String corpus, JavaRDD<GivenLabel> rows, int classes, long count) {
    double[] shares = TransitionEstimate.shares(rows.map(GivenLabel::given), classes);
    ConfusableNoiseEstimate confusable = ConfusableNoiseEstimate.of(rows, classes, count);
    context.measure("confusable_noise." + corpus, confusable.evidence());
    if (confusable.noise().isPresent()) {
      return new ByDoubt(confusable.noise().get(), shares);
    }
    TransitionEstimate estimate = TransitionEstimate.of(rows, shares);
    context.measure("background_rate." + corpus, estimate.backgroundRate());
    return new ByClass(estimate.transition(), estimate.joint(rows));
  }

  /** The sum of {@link #errors} over samples. */
  default double all(JavaRDD<GivenLabel> rows) {
    return States.over(
            rows,
            new ExactSums(1),
            (sums, row) -> {
              sums.add(0, errors(row));
              return sums;
            },
            ExactSums::merge)
        .get(0);
  }

  /**
   * With E[k][j] the expected number of samples of true class k that are given class j, a sample
   * given class g has errors in proportion to P(g is right) sum_j E[g][j] / E[g][g] over the other
   * classes, each with class j as often as E[g][j] says.
   *
   * @param joint E
   */
  record ByClass(NoiseTransition transition, double[][] joint) implements CanaryNoise {

    @Override
    public String name() {
      return "noise-transition";
    }

    @Override
    public double errors(GivenLabel sample) {
      double right = joint[sample.given()][sample.given()];
      double wrong = transition.wrong(transition.truth(sample.p()), sample.given());
      return right <= 0 ? 0 : (1 - wrong) * Arrays.stream(labels(sample)).sum() / right;
    }

    @Override
    public double[] labels(GivenLabel sample) {
      double[] errors = joint[sample.given()].clone();
      errors[sample.given()] = 0;
      return errors;
    }
  }

  /**
   * Errors that fall on hard rows.
   *
   * @param shares share of the samples given each class; nobody errs into a class that is never
   *     given
   */
  record ByDoubt(ConfusableNoise noise, double[] shares) implements CanaryNoise {

    @Override
    public String name() {
      return "confusable-noise";
    }

    @Override
    public double errors(GivenLabel sample) {
      boolean possible = Arrays.stream(labels(sample)).sum() > 0;
      return possible ? noise.errors(sample.given(), sample.p()) : 0;
    }

    @Override
    public double[] labels(GivenLabel sample) {
      double[] labels = noise.confusions(sample.given(), sample.p());
      for (int k = 0; k < labels.length; k++) {
        labels[k] = shares[k] > 0 ? labels[k] : 0;
      }
      return labels;
    }
  }
}
