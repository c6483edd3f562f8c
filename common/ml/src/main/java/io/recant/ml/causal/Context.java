package io.recant.ml.causal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.stream.LongStream;

/**
 * What the tokens of one forward pass stand in: their positions, and the tokens they may look back
 * on. Where all rows of a batch are laid out alike, positions are given once.
 */
public interface Context {

  /** Where a token stands that nobody sees: after all others. */
  long NOWHERE = Long.MAX_VALUE;

  /** Where the T tokens of this pass stand: [1 or N][T]. */
  long[][] positions();

  /** Where the S tokens stand that can be looked at, those of this pass among them: [1 or N][S]. */
  long[][] seen();

  /**
   * The keys and values of all S tokens.
   *
   * @param layer from 0
   * @param keys (N, G, T, d) of this pass
   * @param values the same
   * @return two arrays (N, G, S, d) of the manager of {@code keys}
   */
  NDList attended(int layer, NDArray keys, NDArray values);

  /** Whole sequences of T tokens, with nothing before them. */
  static Context whole(long length) {
    long[][] positions = {LongStream.range(0, length).toArray()};
    return new Context() {
      @Override
      public long[][] positions() {
        return positions;
      }

      @Override
      public long[][] seen() {
        return positions;
      }

      @Override
      public NDList attended(int layer, NDArray keys, NDArray values) {
        return new NDList(keys, values);
      }
    };
  }
}
