package io.recant.ml.model.image;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Collections;
import java.util.List;

/**
 * How bytes become numbers around zero: {@code (x / 255 - mean) / deviation}, for each channel.
 *
 * @param mean one a channel
 * @param deviation one a channel, above 0
 */
record PixelScaling(List<Float> mean, List<Float> deviation) {

  PixelScaling {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
  }

  /** From -2 to 2: near the mean and the deviation of photographs. */
  static PixelScaling usual(int channels) {
    return new PixelScaling(
        Collections.nCopies(channels, 0.5f), Collections.nCopies(channels, 0.25f));
  }

  /** (N, H, W, C) of bytes to (N, C, H, W) of float32. */
  NDArray apply(NDArray pixels) {
    int channels = mean.size();
    float[] factors = new float[channels];
    float[] shifts = new float[channels];
    for (int c = 0; c < channels; c++) {
      factors[c] = 1 / (255 * deviation.get(c));
      shifts[c] = mean.get(c) / deviation.get(c);
    }
    NDManager owner = pixels.getManager();
    Shape perChannel = new Shape(channels, 1, 1);
    return pixels
        .toType(DataType.FLOAT32, false)
        .transpose(0, 3, 1, 2)
        .mul(owner.create(factors, perChannel))
        .sub(owner.create(shifts, perChannel));
  }
}
