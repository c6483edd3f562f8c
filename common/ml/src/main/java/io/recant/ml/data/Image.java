package io.recant.ml.data;

/**
 * The pixels of one picture.
 *
 * @param shape its size
 * @param pixels each channel of each pixel as an unsigned byte, row by row from the top and pixel
 *     by pixel from the left: channel {@code c} at row {@code y} and column {@code x} is number
 *     {@code (y width + x) channels + c}. Not copied: who makes an image gives them away
 */
public record Image(ImageShape shape, byte[] pixels) {

  /**
   * @throws IllegalArgumentException when there are more or fewer pixels than the shape says
   */
  public Image {
    if (pixels.length != shape.size()) {
      throw new IllegalArgumentException(
          "a picture of " + shape + " is " + shape.size() + " bytes, not " + pixels.length);
    }
  }

  /** A picture of that size. */
  public Image(int height, int width, int channels, byte[] pixels) {
    this(new ImageShape(height, width, channels), pixels);
  }
}
