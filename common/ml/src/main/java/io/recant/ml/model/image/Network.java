package io.recant.ml.model.image;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;

/** The layers between scaled pixels and logits, of which the last is linear: the head. */
interface Network {

  /** The name of the head, whose arrays are {@code NAME.weight} (K, D) and {@code NAME.bias}. */
  String head();

  /** The shape of every array by name, in order. */
  Map<String, Shape> shapes();

  /** How many {@link #blocks} there are. */
  int depth();

  /**
   * What comes out of each block.
   *
   * @param pixels (N, C, H, W)
   * @return in order: feature maps (N, C', H', W') but for the last, which the head reads: (N, D)
   */
  List<NDArray> blocks(NDArray pixels, Layers layers);

  /** How many numbers a training pass over one picture makes and holds, about. */
  long held();
}
