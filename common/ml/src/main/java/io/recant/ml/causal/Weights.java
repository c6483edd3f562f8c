package io.recant.ml.causal;

import ai.djl.ndarray.NDArray;

/**
 * What a forward pass computes with: a decoder's parameters, and what may have been put on them.
 */
@FunctionalInterface
public interface Weights {

  /** The parameter of a name of {@link Decoder#shapes}. */
  NDArray get(String name);

  /**
   * What a projection gives, together with what was put on it.
   *
   * @param projection one of {@link Decoder#projections}
   * @param input (N, T, inputs)
   * @param output (N, T, outputs), what the parameters alone give
   */
  default NDArray adapted(String projection, NDArray input, NDArray output) {
    return output;
  }

  /** The same, of names without a prefix that all of them have. */
  default Weights under(String prefix) {
    Weights all = this;
    return new Weights() {
      @Override
      public NDArray get(String name) {
        return all.get(prefix + name);
      }

      @Override
      public NDArray adapted(String projection, NDArray input, NDArray output) {
        return all.adapted(prefix + projection, input, output);
      }
    };
  }
}
