package io.recant.ml.causal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.autograd.Scalars;

/** Scaled dot-product attention of each token to those before it (Vaswani et al. 2017). */
final class CausalAttention {

  private static final float MASKED = -1e9f;

  private CausalAttention() {}

  /**
   * softmax(q k' / sqrt(d) + mask) v, heads side by side.
   *
   * @param query (N, H, T, d)
   * @param key (N, G, S, d), G divides H: H / G heads one after another share a key
   * @param value (N, G, S, d)
   * @param mask from {@link #mask}
   * @return (N, T, H d)
   */
  static NDArray of(NDArray query, NDArray key, NDArray value, NDArray mask) {
    long[] shape = query.getShape().getShape();
    long batch = shape[0];
    long heads = shape[1];
    long length = shape[2];
    long size = shape[3];
    long groups = key.getShape().get(1);
    long seen = key.getShape().get(2);
    // The query heads of a group sit one after another, so one product serves the whole group.
    NDArray grouped =
        Scalars.times(query, 1 / Math.sqrt(size))
            .reshape(batch, groups, heads / groups * length, size);
    NDArray scores =
        grouped
            .matMul(key.transpose(0, 1, 3, 2))
            .reshape(batch, heads, length, seen)
            .add(mask)
            .softmax(-1)
            .reshape(batch, groups, heads / groups * length, seen);
    return scores
        .matMul(value)
        .reshape(batch, heads, length, size)
        .transpose(0, 2, 1, 3)
        .reshape(batch, length, heads * size);
  }

  /**
   * What is added to scores (1 or N, 1, T, S) so that no token sees those after it, nor, with a
   * window, those too far before it.
   *
   * @param window how many tokens a token sees, itself among them; 0 for all before it
   */
  static NDArray mask(NDManager manager, Context context, int window) {
    long[][] positions = context.positions();
    long[][] seen = context.seen();
    int length = positions[0].length;
    int columns = seen[0].length;
    float[] mask = new float[Math.multiplyExact(positions.length * length, columns)];
    int at = 0;
    for (int row = 0; row < positions.length; row++) {
      for (long position : positions[row]) {
        for (long other : seen[row]) {
          boolean visible = other <= position && (window == 0 || position - other < window);
          mask[at++] = visible ? 0 : MASKED;
        }
      }
    }
    return manager.create(mask, new Shape(positions.length, 1, length, columns));
  }
}
