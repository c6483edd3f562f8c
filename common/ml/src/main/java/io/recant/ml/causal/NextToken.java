package io.recant.ml.causal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Chooses tokens from their logits z: the largest at temperature 0, else a draw from softmax(z / T)
 * over the {@code topK} largest (Fan et al. 2018), and of those over the fewest that have a
 * probability of {@code topP} together (Holtzman et al. 2020).
 */
final class NextToken {

  private final GenerationSettings settings;

  NextToken(GenerationSettings settings) {
    this.settings = settings;
  }

  /**
   * One token a row.
   *
   * @param logits (N, V)
   * @param random each row's own, so that a row's draws do not depend on the others
   */
  long[] of(NDArray logits, List<SplittableRandom> random) {
    if (settings.temperature() == 0) {
      return logits.argMax(-1).toLongArray();
    }
    int vocabulary = Math.toIntExact(logits.getShape().get(1));
    int kept = settings.topK() == 0 ? vocabulary : Math.min(settings.topK(), vocabulary);
    NDList largest = logits.topK(kept, 1, true, true);
    float[] values = largest.get(0).toFloatArray();
    long[] tokens = largest.get(1).toLongArray();
    long[] next = new long[random.size()];
    for (int row = 0; row < next.length; row++) {
      int from = row * kept;
      next[row] = tokens[from + draw(values, from, from + kept, random.get(row))];
    }
    return next;
  }

  /** The rank of one of the logits between two indices, which are sorted from the largest. */
  private int draw(float[] logits, int from, int to, SplittableRandom random) {
    double[] cumulated = new double[to - from];
    double sum = 0;
    for (int i = 0; i < cumulated.length; i++) {
      sum += Math.exp(((double) logits[from + i] - logits[from]) / settings.temperature());
      cumulated[i] = sum;
    }
    int last = 0;
    while (last < cumulated.length - 1 && cumulated[last] < settings.topP() * sum) {
      last++;
    }
    double drawn = random.nextDouble() * cumulated[last];
    int rank = 0;
    while (rank < last && cumulated[rank] <= drawn) {
      rank++;
    }
    return rank;
  }
}
