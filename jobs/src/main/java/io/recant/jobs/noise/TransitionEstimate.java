package io.recant.jobs.noise;

import io.recant.core.label.Anchors;
import io.recant.core.label.BackgroundRate;
import io.recant.core.label.ClassThresholds;
import io.recant.core.label.ConfidentJoint;
import io.recant.core.label.ExpectedJoint;
import io.recant.core.label.NeighbourConsensus;
import io.recant.core.label.NoiseTransition;
import io.recant.core.label.Selection;
import java.util.Optional;
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

  /** How often the matrix and the true classes behind the rows are estimated in turn. */
  private static final int ALTERNATIONS = 5;

  /**
   * How the transition matrix is estimated. Which is best cannot be told from the likelihood of the
   * given labels: a model of them explains them under any matrix that leaves room for the true
   * classes, the identity among them. {@code recant bench transitions} compares them where the
   * truth is known.
   */
  public enum Method {
    /** Labels of the rows a model is surest of, and random flips: {@link NoiseTransition}. */
    ANCHORS,
    /** The calibrated confident joint: {@link ConfidentJoint}. */
    CONFIDENT_JOINT,
    /**
     * From the anchors' matrix on, the expected joint of true and given class under the matrix, and
     * the matrix of that joint, in turn.
     */
    ALTERNATING,
    /**
     * Agreement with the two nearest neighbours: {@link NeighbourConsensus}; anchors without
     * vectors.
     */
    CONSENSUS
  }

  /**
   * Estimates the transition matrix in one of several ways.
   *
   * @param rows samples only, no canaries; read several times, so persisted
   * @param shares share of the rows given each class
   * @param consensus the labels of rows with two neighbours at least, each with those of its two
   *     nearest; read for {@link Method#CONSENSUS} only
   */
  public static TransitionEstimate of(
      JavaRDD<GivenLabel> rows,
      double[] shares,
      Method method,
      Optional<JavaRDD<int[]>> consensus) {
    TransitionEstimate anchors = of(rows, shares);
    return switch (method) {
      case ANCHORS -> anchors;
      case CONFIDENT_JOINT -> anchors.with(confident(rows, shares.length));
      case ALTERNATING -> alternated(anchors, rows);
      case CONSENSUS ->
          consensus.map(triples -> anchors.with(agreement(triples, shares.length))).orElse(anchors);
    };
  }

  private TransitionEstimate with(double[][] joint) {
    return new TransitionEstimate(NoiseTransition.ofJoint(joint), backgroundRate);
  }

  private static TransitionEstimate alternated(TransitionEstimate start, JavaRDD<GivenLabel> rows) {
    TransitionEstimate current = start;
    for (int i = 0; i < ALTERNATIONS; i++) {
      current = current.with(current.joint(rows));
    }
    return current;
  }

  private static double[][] confident(JavaRDD<GivenLabel> rows, int classes) {
    ClassThresholds thresholds =
        States.over(
            rows,
            new ClassThresholds(classes),
            (state, row) -> {
              state.add(row.given(), row.p());
              return state;
            },
            ClassThresholds::merge);
    long[][] byGiven =
        States.over(
                rows,
                new ConfidentJoint(thresholds.thresholds()),
                (state, row) -> {
                  state.add(row.given(), row.p());
                  return state;
                },
                ConfidentJoint::merge)
            .calibrated(thresholds.counts());
    double[][] joint = new double[classes][classes];
    for (int k = 0; k < classes; k++) {
      for (int j = 0; j < classes; j++) {
        joint[k][j] = byGiven[j][k];
      }
    }
    return joint;
  }

  private static double[][] agreement(JavaRDD<int[]> triples, int classes) {
    return States.over(
            triples,
            new NeighbourConsensus(classes),
            (state, labels) -> {
              state.add(labels[0], labels[1], labels[2]);
              return state;
            },
            NeighbourConsensus::merge)
        .joint();
  }

  /**
   * Estimates the transition matrix from anchors.
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
