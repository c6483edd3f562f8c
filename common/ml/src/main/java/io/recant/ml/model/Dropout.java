package io.recant.ml.model;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Random silencing of units while training (Srivastava et al., 2014), from a generator of its own.
 * PyTorch's generator belongs to the whole JVM, so two tasks at work would change each other's
 * draws.
 */
public final class Dropout {

  private static final Dropout OFF = new Dropout(Optional.empty());

  private final Optional<SplittableRandom> random;

  private Dropout(Optional<SplittableRandom> random) {
    this.random = random;
  }

  /** None: the model as it is used. */
  public static Dropout off() {
    return OFF;
  }

  /** As in training; equal seeds draw equal units in equal order. For one thread. */
  public static Dropout seeded(long seed) {
    return new Dropout(Optional.of(new SplittableRandom(seed)));
  }

  /**
   * Sets each element to zero with probability {@code rate} and divides the others by {@code 1 -
   * rate}, so that expectations stay. The result belongs to the manager of {@code x}.
   *
   * @param rate in [0, 1)
   */
  public NDArray apply(NDArray x, double rate) {
    if (random.isEmpty() || rate == 0) {
      return x;
    }
    SplittableRandom generator = random.get();
    float[] kept = new float[Math.toIntExact(x.size())];
    float scale = (float) (1 / (1 - rate));
    // One draw of 64 bits decides four elements, each against a 16-bit threshold.
    int threshold = (int) Math.round(rate * 65536);
    for (int i = 0; i < kept.length; ) {
      long bits = generator.nextLong();
      for (int part = 0; part < 4 && i < kept.length; part++, i++, bits >>>= 16) {
        kept[i] = (bits & 0xffff) < threshold ? 0 : scale;
      }
    }
    return x.mul(x.getManager().create(kept, x.getShape()));
  }
}
