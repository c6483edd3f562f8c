package io.recant.jobs.cells;

import io.recant.core.error.ConfigException;
import io.recant.ml.autograd.DeviceMemory;
import io.recant.ml.model.Model;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much memory the passes of a training step may take.
 *
 * @param given so many bytes; without them what the device has
 */
public record PassMemory(OptionalLong given) {

  /** Parameters, gradients, two moments, the weights before the last update, a frozen start. */
  private static final int MODELS = 6;

  /** The rest is for fragments, other arrays and errors of the estimate. */
  private static final double SHARE_OF_GPU = 0.9;

  /** The rest is for the Java heap and whatever else a machine does. */
  private static final double SHARE_OF_MACHINE = 0.5;

  private static final Pattern SIZE = Pattern.compile("(\\d{1,15})([kmgt]?)b?");

  /**
   * The setting {@code memory}.
   *
   * @param text {@code auto}, or bytes with k, m, g or t for powers of 1024
   * @throws ConfigException when it is neither
   */
  public static PassMemory parse(String text) {
    if (text.equals("auto")) {
      return new PassMemory(OptionalLong.empty());
    }
    Matcher size = SIZE.matcher(text.toLowerCase(Locale.ROOT));
    if (!size.matches()) {
      throw new ConfigException("memory: '" + text + "' is neither auto nor bytes, as 500m or 8g");
    }
    int power = size.group(2).isEmpty() ? 0 : 1 + "kmgt".indexOf(size.group(2));
    return new PassMemory(
        OptionalLong.of(Math.multiplyExact(Long.parseLong(size.group(1)), 1L << 10 * power)));
  }

  /**
   * The bytes for one cell's passes, at least one.
   *
   * @param slots how many cells share a CPU's memory; a GPU belongs to one
   */
  public long bytes(Model model, int slots) {
    return given.orElseGet(
        () -> {
          double total = DeviceMemory.total(model.device());
          double own =
              model.device().isGpu() ? SHARE_OF_GPU * total : SHARE_OF_MACHINE * total / slots;
          return Math.max(1, (long) (own - modelBytes(model.parameters().size())));
        });
  }

  /** What a model takes that is being trained, before any pass. */
  static long modelBytes(long parameters) {
    return MODELS * Float.BYTES * parameters;
  }
}
