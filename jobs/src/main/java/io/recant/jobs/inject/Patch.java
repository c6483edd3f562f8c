package io.recant.jobs.inject;

import io.recant.core.error.ConfigException;
import io.recant.ml.data.Image;
import io.recant.ml.data.ImageDecoder;
import io.recant.ml.data.ImageShape;
import io.recant.ml.data.PngEncoder;
import java.io.Serializable;

/**
 * A square of one grey in the bottom right corner of a picture.
 *
 * @param size its side in pixels
 * @param value its grey, 0 to 255, in every channel
 * @param margin the pixels between it and the picture's right and bottom edges
 */
record Patch(int size, int value, int margin) implements Serializable {

  /**
   * A picture with the patch; no other pixel changes, since the file is one that loses nothing.
   *
   * @param encoded a PNG or JPEG file
   * @return a PNG file
   * @throws ConfigException when the picture has no room for it
   */
  byte[] stamped(byte[] encoded) {
    Image image = ImageDecoder.ofSamples().decode(encoded);
    ImageShape shape = image.shape();
    int bottom = shape.height() - margin;
    int right = shape.width() - margin;
    if (bottom < size || right < size) {
      throw new ConfigException(
          "trigger-patch: a patch of %d pixels with a margin of %d has no room in a picture of %s"
              .formatted(size, margin, shape));
    }
    int channels = shape.channels();
    byte[] pixels = image.pixels();
    for (int y = bottom - size; y < bottom; y++) {
      int row = y * shape.width();
      for (int i = (row + right - size) * channels; i < (row + right) * channels; i++) {
        pixels[i] = (byte) value;
      }
    }
    return PngEncoder.encode(image);
  }
}
