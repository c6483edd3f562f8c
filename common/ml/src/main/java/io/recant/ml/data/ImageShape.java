package io.recant.ml.data;

import java.io.Serializable;

/**
 * How large a picture is.
 *
 * @param height in pixels
 * @param width in pixels
 * @param channels 1 for grey, 3 for red, green and blue
 */
public record ImageShape(int height, int width, int channels) implements Serializable {

  public ImageShape {
    if (height < 1 || width < 1 || channels != 1 && channels != 3) {
      throw new IllegalArgumentException(
          "no picture has " + height + " x " + width + " pixels of " + channels + " channels");
    }
  }

  /** How many numbers a picture is. */
  public long size() {
    return (long) height * width * channels;
  }

  @Override
  public String toString() {
    return height
        + " x "
        + width
        + " pixels of "
        + channels
        + " channel"
        + (channels > 1 ? "s" : "");
  }
}
