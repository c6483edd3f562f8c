package io.recant.jobs.noise;

import io.recant.core.label.Anchors;
import io.recant.core.label.BackgroundRate;
import io.recant.core.label.ExpectedJoint;
import io.recant.core.label.NoiseTransition;
import io.recant.core.label.Selection;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;

/**
 * How labels of a corpus go wrong, estimated in a few passes over its rows, each a small mergeable
 * state: the noise transition detector judges samples by it, and canaries are drawn from it, so
 * that known errors look like the real ones.
 *
 * @param transition T[true][given]
 * @param backgroundRate share of labels that are flipped without a pattern
 */
public record TransitionEstimate(NoiseTransition transition, double backgroundRate) {

  /**
   * Estimates the transition matrix.
   *
   * @param rows samples only, no canaries; read several times, so persisted
   * @param shares share of the rows given each class
   */
  public static TransitionEstimate of(JavaRDD<GivenLabel> rows, double[] shares) {
    BackgroundRate background =
        States.over(
            rows,
            new BackgroundRate(shares),
            (state, row) -> {
              state.add(row.given(), row.p());
              return state;
            },
            BackgroundRate::merge);
    Selection anchors = anchors(rows, shares.length);
    Anchors.Labels labels =
        States.over(
            rows,
            new Anchors.Labels(anchors, shares.length),
            (state, row) -> {
              state.add(row.given(), row.p(), row.key());
              return state;
            },
            Anchors.Labels::merge);
    return new TransitionEstimate(
        NoiseTransition.estimate(background.rate(), background.base(), labels), background.rate());
  }

  /**
   * How many of the rows are of each true class and given each class, in expectation.
   *
   * @param rows samples only, no canaries
   */
  public double[][] joint(JavaRDD<GivenLabel> rows) {
    return States.over(
            rows,
            new ExpectedJoint(transition),
            (state, row) -> {
              state.add(row.given(), row.p());
              return state;
            },
            ExpectedJoint::merge)
        .counts();
  }

  /** The share of rows given each class. */
  public static double[] shares(JavaRDD<Integer> given, int classes) {
    long[] counts =
        States.over(
            given,
            new long[classes],
            (sums, k) -> {
              sums[k]++;
              return sums;
            },
            (a, b) -> {
              for (int k = 0; k < a.length; k++) {
                a[k] += b[k];
              }
              return a;
            });
    double rows = Math.max(1, IntStream.range(0, classes).mapToLong(k -> counts[k]).sum());
    return IntStream.range(0, classes).mapToDouble(k -> counts[k] / rows).toArray();
  }

  private static Selection anchors(JavaRDD<GivenLabel> rows, int classes) {
    Selection anchors =
        States.over(
                rows,
                new Anchors.Sizes(classes),
                (state, row) -> {
                  state.add(row.p());
                  return state;
                },
                Anchors.Sizes::merge)
            .selection();
    while (!anchors.resolved()) {
      anchors =
          anchors.after(
              States.over(
                  rows,
                  anchors.pass(),
                  (pass, row) -> {
                    Anchors.offer(pass, row.p(), row.key());
                    return pass;
                  },
                  Selection.Pass::merge));
    }
    return anchors;
  }
}
