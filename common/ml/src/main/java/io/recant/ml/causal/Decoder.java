package io.recant.ml.causal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The forward pass of a decoder. A pure function of its parameters, which carry the names and
 * shapes that {@code transformers} saves: it owns nothing, and everything it makes is attached to
 * the manager of the token ids.
 *
 * <p>Sequences are padded on the right. A token only sees those before it, so padding is never
 * attended to by a real token and needs no mask of its own; what comes out at padding has no
 * meaning.
 */
public interface Decoder {

  /** Every parameter and its shape, in the order of the forward pass. */
  Map<String, Shape> shapes();

  /** The deviation of the numbers that a new model has in a matrix of {@link #shapes}. */
  double deviation(String name, Shape shape);

  /**
   * The modules inside layers that multiply with a matrix, {@code <module>.weight}, in the order of
   * the forward pass: what adapters can be put on.
   */
  default List<String> projections() {
    return shapes().entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(layerPrefix()))
        .filter(entry -> entry.getValue().dimension() == 2)
        .map(entry -> entry.getKey().substring(0, entry.getKey().lastIndexOf('.')))
        .toList();
  }

  /** How the names of all parameters begin that are inside a layer. */
  String layerPrefix();

  /** Whether those matrices are (inputs, outputs); else they are (outputs, inputs). */
  boolean storesInputsFirst();

  /** How many layers follow the embedding. */
  int layers();

  /**
   * The residual stream after the first layers, not normalised.
   *
   * @param weights what to compute with
   * @param ids token ids (N, T), 64-bit, padded on the right
   * @param context what they stand in
   * @param layers after how many: from 0, the embedding, to all
   * @return (N, T, D)
   */
  NDArray states(Weights weights, NDArray ids, Context context, int layers);

  /** The last norm: (..., D) to the same. */
  NDArray normalised(Weights weights, NDArray states);

  /** The last hidden states, normalised: what the output projection reads; (N, T, D). */
  default NDArray hidden(Weights weights, NDArray ids, Context context) {
    return normalised(weights, states(weights, ids, context, layers()));
  }

  /** Scores over the vocabulary: (..., D) to (..., V), before any softmax. */
  NDArray logits(Weights weights, NDArray hidden);

  /**
   * The name under which a checkpoint keeps a parameter, where it may leave a part of it out.
   *
   * @param found all names of the checkpoint
   */
  default UnaryOperator<String> stored(Set<String> found) {
    return UnaryOperator.identity();
  }

  /**
   * Whether a checkpoint may hold this tensor beside the parameters: a mask, or a second copy of a
   * tied embedding, which says nothing that the parameters do not.
   */
  boolean isRedundant(String name);
}
