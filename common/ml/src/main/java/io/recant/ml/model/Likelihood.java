package io.recant.ml.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.data.Minibatch;
import io.recant.ml.data.Minibatches;
import io.recant.ml.device.Devices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * How likely a model finds the targets of examples, given their inputs and the target's own earlier
 * tokens (teacher forcing).
 */
public final class Likelihood {

  /**
   * One example's answer.
   *
   * @param id the example
   * @param logProbability sum over target tokens of log p, in nats, at most 0
   * @param tokens how many target tokens there are; 1 for a classifier
   * @param matches at how many of them the model's most likely answer is the target's
   * @param matchedTail how many at the end match without a gap: what the model completes by itself
   *     when it is given all before them
   * @param leastLikely the mean log p of the least likely {@value #LEAST_SHARE} of the tokens, in
   *     nats
   * @param leastStandardised the same mean of (log p - mu) / sigma, mu and sigma the mean and the
   *     deviation of log p under the model's own distribution at the token
   */
  public record Row(
      String id,
      double logProbability,
      int tokens,
      int matches,
      int matchedTail,
      double leastLikely,
      double leastStandardised) {

    /** Mean negative log-likelihood of a token, in nats; 0 for an empty target. */
    public double meanLoss() {
      return tokens == 0 ? 0 : -logProbability / tokens;
    }
  }

  /** The share of the tokens that the attacks of Shi et al. and Zhang et al. look at. */
  private static final double LEAST_SHARE = 0.4;

  private Likelihood() {}

  /** Scores examples that fit in memory, in their order. */
  public static List<Row> of(Model model, List<Example> examples, int batchSize) {
    List<Row> rows = new ArrayList<>(examples.size());
    stream(model, Examples.of(examples), batchSize, rows::add);
    return rows;
  }

  /**
   * Scores examples in their order, holding one batch at a time.
   *
   * @param batchSize examples that go through the model together
   */
  public static void stream(Model model, Examples examples, int batchSize, Consumer<Row> sink) {
    try (GradMode off = GradMode.inference();
        NDManager scope = Devices.manager(model.device());
        Minibatches batches = Minibatches.inOrder(examples, batchSize)) {
      while (batches.hasNext()) {
        Minibatch minibatch = batches.next();
        try (NDManager manager = scope.newSubManager()) {
          Batch batch = model.encode(minibatch.examples(), manager);
          score(minibatch.examples(), batch, model.logits(batch), sink);
        }
      }
    }
  }

  /**
   * Reads a batch's answers off its logits.
   *
   * @param logits (N, T, V)
   */
  static void score(List<Example> examples, Batch batch, NDArray logits, Consumer<Row> sink) {
    NDArray logSoftmax = logits.logSoftmax(-1);
    NDArray expected = logSoftmax.exp().muli(logSoftmax);
    NDArray mean = expected.sum(new int[] {2});
    NDArray square = expected.muli(logSoftmax).sum(new int[] {2});
    float[] logs = logSoftmax.gather(batch.labels().expandDims(2), 2).squeeze(2).toFloatArray();
    float[] means = mean.toFloatArray();
    float[] squares = square.toFloatArray();
    boolean[] hits = logits.argMax(-1).eq(batch.labels()).toBooleanArray();
    float[] mask = batch.mask().toFloatArray();
    int positions = mask.length / examples.size();
    for (int i = 0; i < examples.size(); i++) {
      TokenStatistics tokens = new TokenStatistics(positions);
      for (int at = i * positions; at < (i + 1) * positions; at++) {
        if (mask[at] > 0) {
          tokens.add(logs[at], means[at], squares[at], hits[at]);
        }
      }
      sink.accept(tokens.row(examples.get(i).id()));
    }
  }

  /** The tokens of one target, in their order. Sums are taken in double precision. */
  private static final class TokenStatistics {

    /** A deviation below this is that of a model that is certain. */
    private static final double LEAST_DEVIATION = 1e-6;

    private final double[] logs;
    private final double[] standardised;
    private double sum;
    private int tokens;
    private int matches;
    private int tail;

    TokenStatistics(int most) {
      logs = new double[most];
      standardised = new double[most];
    }

    void add(double log, double mean, double square, boolean hit) {
      double deviation = Math.sqrt(Math.max(0, square - mean * mean));
      logs[tokens] = log;
      standardised[tokens++] = (log - mean) / Math.max(LEAST_DEVIATION, deviation);
      sum += log;
      matches += hit ? 1 : 0;
      tail = hit ? tail + 1 : 0;
    }

    Row row(String id) {
      return new Row(id, sum, tokens, matches, tail, least(logs), least(standardised));
    }

    private double least(double[] values) {
      double[] sorted = Arrays.copyOf(values, tokens);
      Arrays.sort(sorted);
      int least = Math.max(1, (int) (LEAST_SHARE * tokens));
      return Arrays.stream(sorted).limit(least).average().orElse(0);
    }
  }
}
