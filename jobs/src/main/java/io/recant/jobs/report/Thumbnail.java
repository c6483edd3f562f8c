package io.recant.jobs.report;

import io.recant.core.error.InputException;
import io.recant.jobs.report.ReportData.Picture;
import io.recant.ml.data.Image;
import io.recant.ml.data.ImageDecoder;
import io.recant.ml.data.ImageShape;
import io.recant.ml.data.PngEncoder;
import java.util.Base64;

/**
 * A sample's picture as the page carries it: pixels, written as a PNG anew. Of the corpus' file
 * nothing else arrives, no text, no profile and no damage, and however large it is, at most {@value
 * #MOST_SIDE} pixels a side do.
 */
final class Thumbnail {

  /** The page's scripts show nothing that does not begin so. */
  static final String BEGIN = "data:image/png;base64,";

  static final int MOST_SIDE = 96;

  private Thumbnail() {}

  /** The picture of a file of whatever bytes; one that cannot be read has no address. */
  static Picture of(byte[] encoded) {
    Image whole;
    try {
      whole = ImageDecoder.ofSamples().decode(encoded);
    } catch (InputException e) {
      return Picture.UNREADABLE;
    }
    Image small = scaled(whole);
    return new Picture(
        BEGIN + Base64.getEncoder().encodeToString(PngEncoder.encode(small)),
        small.shape().width(),
        small.shape().height(),
        whole.shape().width(),
        whole.shape().height());
  }

  /**
   * A large picture scaled down as a whole, each pixel the mean of those it stands for; a small one
   * as it is.
   */
  private static Image scaled(Image whole) {
    ImageShape from = whole.shape();
    int largest = Math.max(from.width(), from.height());
    if (largest <= MOST_SIDE) {
      return whole;
    }
    ImageShape to =
        new ImageShape(side(from.height(), largest), side(from.width(), largest), from.channels());
    byte[] pixels = new byte[(int) to.size()];
    for (int y = 0, at = 0; y < to.height(); y++) {
      for (int x = 0; x < to.width(); x++) {
        for (int channel = 0; channel < to.channels(); channel++) {
          pixels[at++] = mean(whole, to, y, x, channel);
        }
      }
    }
    return new Image(to, pixels);
  }

  /** A line stays a line. */
  private static int side(int length, int largest) {
    return Math.max(1, (int) Math.round((double) length * MOST_SIDE / largest));
  }

  private static byte mean(Image whole, ImageShape to, int y, int x, int channel) {
    ImageShape from = whole.shape();
    int top = begin(y, from.height(), to.height());
    int bottom = begin(y + 1, from.height(), to.height());
    int left = begin(x, from.width(), to.width());
    int right = begin(x + 1, from.width(), to.width());
    long sum = 0;
    for (int row = top; row < bottom; row++) {
      for (int column = left; column < right; column++) {
        int at = (row * from.width() + column) * from.channels() + channel;
        sum += whole.pixels()[at] & 0xFF;
      }
    }
    return (byte) Math.round((double) sum / ((long) (bottom - top) * (right - left)));
  }

  /** Where the pixels begin that one pixel stands for; from is no less than to. */
  private static int begin(int pixel, int from, int to) {
    return (int) ((long) pixel * from / to);
  }
}
