package io.recant.ml.causal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.device.Devices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a model says after a prompt, always taking its most likely next token. Every step reads the
 * whole sequence again, so this is for short texts: the cost grows with the square of the length.
 */
public final class GreedyGeneration {

  private final CausalModel model;
  private final int maximumTokens;

  /**
   * @param maximumTokens the longest answer, at least 1; the model's positions bound it too
   */
  public GreedyGeneration(CausalModel model, int maximumTokens) {
    if (maximumTokens < 1) {
      throw new IllegalArgumentException("an answer has at least one token");
    }
    this.model = model;
    this.maximumTokens = maximumTokens;
  }

  /**
   * Continues prompts, all of them in one batch.
   *
   * @return the answers in the prompts' order, without special tokens; an answer ends at EOS or at
   *     the longest length
   */
  public List<String> continuations(List<String> prompts) {
    if (prompts.isEmpty()) {
      return List.of();
    }
    List<long[]> sequences = new ArrayList<>();
    List<Integer> starts = new ArrayList<>();
    for (String prompt : prompts) {
      long[] ids = model.encoder().prompt(prompt).ids();
      sequences.add(ids);
      starts.add(ids.length);
    }
    boolean[] ended = new boolean[sequences.size()];
    try (GradMode off = GradMode.inference();
        NDManager scope = Devices.manager(model.device())) {
      for (int step = 0; step < maximumTokens && !all(ended); step++) {
        extend(sequences, ended, next(sequences, scope));
      }
    }
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < sequences.size(); i++) {
      long[] ids = sequences.get(i);
      answers.add(model.tokenizer().decode(Arrays.copyOfRange(ids, starts.get(i), ids.length)));
    }
    return answers;
  }

  private long[] next(List<long[]> sequences, NDManager scope) {
    int rows = sequences.size();
    int length = sequences.stream().mapToInt(ids -> ids.length).max().orElseThrow();
    long[] ids = new long[rows * length];
    long[] last = new long[rows];
    Arrays.fill(ids, model.config().padId());
    for (int row = 0; row < rows; row++) {
      long[] sequence = sequences.get(row);
      System.arraycopy(sequence, 0, ids, row * length, sequence.length);
      last[row] = (long) row * length + sequence.length - 1;
    }
    try (NDManager manager = scope.newSubManager()) {
      NDArray logits =
          model.logits(
              manager.create(ids, new Shape(rows, length)),
              manager.create(last, new Shape(rows, 1)));
      return logits.argMax(-1).toLongArray();
    }
  }

  private void extend(List<long[]> sequences, boolean[] ended, long[] next) {
    for (int row = 0; row < ended.length; row++) {
      long[] ids = sequences.get(row);
      ended[row] |= next[row] == model.config().eosId();
      ended[row] |= ids.length == model.config().maximumPositions();
      if (!ended[row]) {
        long[] longer = Arrays.copyOf(ids, ids.length + 1);
        longer[ids.length] = next[row];
        sequences.set(row, longer);
      }
    }
  }

  private static boolean all(boolean[] flags) {
    for (boolean flag : flags) {
      if (!flag) {
        return false;
      }
    }
    return true;
  }
}
