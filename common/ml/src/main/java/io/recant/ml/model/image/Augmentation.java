package io.recant.ml.model.image;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.model.Dropout;

/** How the pictures of a training pass are changed, each time anew. */
public enum Augmentation {
  /** Not at all. */
  NONE,
  /** Moved by up to 4 pixels in either direction; what comes in at the border is black. */
  CROP,
  /** The same, and half of them, drawn at random, mirrored from left to right. */
  CROP_AND_FLIP;

  private static final int PADDING = 4;
  private static final int PLACES = 2 * PADDING + 1;

  /**
   * Changes a batch where the pass is one of a training.
   *
   * @param pixels (N, H, W, C) of any type
   * @param noise where the changes are drawn from, {@link Dropout#bits some bits} a picture
   * @return the same shape and type, of the same manager
   */
  NDArray apply(NDArray pixels, Dropout noise) {
    if (this == NONE || !noise.isOn()) {
      return pixels;
    }
    Shape shape = pixels.getShape();
    int rows = (int) shape.get(0);
    int height = (int) shape.get(1);
    int width = (int) shape.get(2);
    long channels = shape.get(3);
    long[] down = new long[rows * height];
    long[] across = new long[rows * width];
    long[] bits = noise.bits(rows);
    for (int i = 0; i < rows; i++) {
      line(down, i * height, height, place(bits[i]), false);
      line(across, i * width, width, place(bits[i] >>> 16), this == CROP_AND_FLIP && bits[i] < 0);
    }
    NDManager owner = pixels.getManager();
    NDArray padded = pixels.pad(new Shape(0, 0, PADDING, PADDING, PADDING, PADDING), 0);
    NDArray lines =
        owner
            .create(down, new Shape(rows, height, 1, 1))
            .broadcast(new Shape(rows, height, width + 2 * PADDING, channels));
    NDArray columns =
        owner
            .create(across, new Shape(rows, 1, width, 1))
            .broadcast(new Shape(rows, height, width, channels));
    return padded.gather(lines, 1).gather(columns, 2);
  }

  /** From 0 to 8, by the low 16 bits. */
  private static int place(long bits) {
    return (int) ((bits & 0xffff) * PLACES >>> 16);
  }

  private static void line(long[] to, int at, int length, int first, boolean backwards) {
    for (int k = 0; k < length; k++) {
      to[at + k] = first + (backwards ? length - 1 - k : k);
    }
  }
}
