package io.recant.ml.causal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.core.error.InputException;
import io.recant.ml.data.Example;
import io.recant.ml.data.Span;
import io.recant.ml.model.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Pairs as arrays: token ids (N, L), padded on the right, and for each target token the place of
 * the token before it among the N L, where its logits are read.
 *
 * @param padId fills rows up
 */
record BatchEncoder(PromptEncoder encoder, int padId) {

  /**
   * Lays examples out.
   *
   * @throws InputException when one has no input or no target
   */
  Batch encode(List<Example> examples, NDManager scope) {
    List<PromptEncoder.Sequence> sequences = new ArrayList<>(examples.size());
    int length = 1;
    int targets = 1;
    float[] weights = new float[examples.size()];
    for (int i = 0; i < weights.length; i++) {
      Example example = examples.get(i);
      PromptEncoder.Sequence sequence = sequence(encoder, example);
      sequences.add(sequence);
      length = Math.max(length, sequence.ids().length - 1);
      targets = Math.max(targets, sequence.targetLength());
      weights[i] = example.weight();
    }
    int rows = weights.length;
    long[] ids = new long[rows * length];
    long[] positions = new long[rows * targets];
    long[] labels = new long[rows * targets];
    float[] mask = new float[rows * targets];
    float[] forgetMask = new float[rows * targets];
    boolean spans = false;
    Arrays.fill(ids, padId);
    for (int row = 0; row < rows; row++) {
      PromptEncoder.Sequence sequence = sequences.get(row);
      // The last token predicts nothing that is scored, so it is not read.
      System.arraycopy(sequence.ids(), 0, ids, row * length, sequence.ids().length - 1);
      for (int t = 0; t < sequence.targetLength(); t++) {
        int at = row * targets + t;
        positions[at] = row * length + sequence.targetStart() + t - 1;
        labels[at] = sequence.ids()[sequence.targetStart() + t];
        mask[at] = 1;
        forgetMask[at] = 1;
      }
      Example example = examples.get(row);
      if (!example.spans().isEmpty()) {
        spans = true;
        keepOutside(example, forgetMask, row * targets, sequence.targetLength());
      }
    }
    Shape shape = new Shape(rows, targets);
    NDArray targetMask = scope.create(mask, shape);
    return new Batch(
        new NDList(scope.create(ids, new Shape(rows, length)), scope.create(positions, shape)),
        scope.create(labels, shape),
        targetMask,
        spans ? scope.create(forgetMask, shape) : targetMask,
        scope.create(weights));
  }

  static PromptEncoder.Sequence sequence(PromptEncoder encoder, Example example) {
    if (example.input() == null || example.target() == null) {
      throw new InputException(
          "example " + example.id() + ": causal-lm needs an input and a target, one is missing");
    }
    return encoder.pair(example.input(), example.target());
  }

  /** Clears the mask at tokens that share no character with a span; EOS, the last, has none. */
  private void keepOutside(Example example, float[] forgetMask, int offset, int length) {
    Span[] places = encoder.places(example.input(), example.target());
    for (int t = 0; t < length; t++) {
      Span place = t < places.length ? places[t] : new Span(0, 0);
      boolean inside =
          example.spans().stream().anyMatch(span -> span.overlaps(place.from(), place.to()));
      forgetMask[offset + t] = inside ? 1 : 0;
    }
  }
}
