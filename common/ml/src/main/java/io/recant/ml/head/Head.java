package io.recant.ml.head;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.classifier.Perceptron;
import java.util.Arrays;

/**
 * A head, asked about rows without dropout: those it learned from or any others of the same
 * dimension. It owns its native memory until closed.
 */
public final class Head implements AutoCloseable {

  private static final int CHUNK = 1024;

  private final Perceptron perceptron;
  private final NDManager manager;

  Head(Perceptron perceptron, NDManager manager) {
    this.perceptron = perceptron;
    this.manager = manager;
  }

  /**
   * How a head takes the given labels.
   *
   * @param probability p of the given label, in [0, 1]
   * @param margin its logit minus the largest of the others, negative where another class leads
   *     (the area under the margin's summand, Pleiss et al., NeurIPS 2020)
   */
  public record LabelFit(float[] probability, float[] margin) {}

  private interface Reader {
    void read(NDArray logits, int[] rows, int offset);
  }

  /** The softmax outputs of these rows, row after row: rows.length x outputs. */
  public float[] probabilities(HeadData data, int[] rows) {
    float[] all = new float[Math.multiplyExact(rows.length, data.outputs())];
    each(
        data,
        rows,
        (logits, chunk, offset) -> {
          float[] part = logits.softmax(-1).toFloatArray();
          System.arraycopy(part, 0, all, offset * data.outputs(), part.length);
        });
    return all;
  }

  /**
   * The cross-entropy of each row's target distribution, {@code -sum_k q_k log p_k} in nats: for a
   * bag of tokens the mean negative log-likelihood of a token, for a label its own.
   */
  public float[] losses(HeadData data, int[] rows) {
    float[] all = new float[rows.length];
    each(
        data,
        rows,
        (logits, chunk, offset) -> {
          float[] part = HeadTraining.crossEntropy(logits, data.targets(), chunk).toFloatArray();
          System.arraycopy(part, 0, all, offset, part.length);
        });
    return all;
  }

  /** Probability and margin of the given labels; for data with labels only. */
  public LabelFit labelFit(HeadData data, int[] rows) {
    float[] probability = new float[rows.length];
    float[] margin = new float[rows.length];
    int outputs = data.outputs();
    each(
        data,
        rows,
        (logits, chunk, offset) -> {
          float[] z = logits.toFloatArray();
          for (int i = 0; i < chunk.length; i++) {
            int label = data.targets().label(chunk[i]);
            float own = z[i * outputs + label];
            double others = 0;
            float best = Float.NEGATIVE_INFINITY;
            for (int k = 0; k < outputs; k++) {
              if (k != label) {
                best = Math.max(best, z[i * outputs + k]);
                others += Math.exp((double) z[i * outputs + k] - own);
              }
            }
            probability[offset + i] = (float) (1 / (1 + others));
            margin[offset + i] = own - best;
          }
        });
    return new LabelFit(probability, margin);
  }

  private void each(HeadData data, int[] rows, Reader reader) {
    try (GradMode off = GradMode.inference()) {
      for (int from = 0; from < rows.length; from += CHUNK) {
        int[] chunk = Arrays.copyOfRange(rows, from, Math.min(rows.length, from + CHUNK));
        try (NDManager scope = manager.newSubManager()) {
          NDArray x = scope.create(data.gather(chunk), new Shape(chunk.length, data.dimension()));
          reader.read(perceptron.logits(x, Dropout.off()), chunk, from);
        }
      }
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
