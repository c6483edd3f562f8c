package io.recant.ml.data;

import io.recant.core.error.InputException;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Reads the pixels of PNG and JPEG files, which may be anyone's. Grey pictures have one channel,
 * all others three; transparency is dropped. No display is needed.
 *
 * @param mostPixels how many pixels a picture may have; memory for more is never asked for
 */
public record ImageDecoder(long mostPixels) {

  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final byte[] JPEG = {(byte) 0xff, (byte) 0xd8, (byte) 0xff};

  /**
   * Where a PNG's first chunk, IHDR, has the bits of a sample, and after them the kind of colour.
   */
  private static final int PNG_DEPTH = 24;

  /** The bits of a PNG's kind of colour. */
  private static final int PNG_PALETTE = 1;

  private static final int PNG_COLOUR = 2;

  /** A decoder of samples: of a picture a task holds some copies, three bytes a pixel each. */
  public static ImageDecoder ofSamples() {
    return new ImageDecoder(16_000_000);
  }

  /**
   * Decodes a picture.
   *
   * @param encoded the bytes of a file
   * @throws InputException when they are no PNG and no JPEG, are cut off or damaged, hold more than
   *     the permitted pixels, or samples of 16 bits, or colours that are neither grey nor red,
   *     green and blue (CMYK)
   */
  public Image decode(byte[] encoded) {
    String format = format(encoded);
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
      reader.setInput(in, true, true);
      checkSize(reader.getWidth(0), reader.getHeight(0));
      List<String> warnings = new ArrayList<>();
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      checkColours(reader.getImageTypes(0).hasNext(), format);
      BufferedImage picture = reader.read(0);
      checkWarnings(warnings, format);
      return pixels(picture, format, format.equals("png") && isGreyPng(encoded));
    } catch (IOException | RuntimeException e) {
      // The readers answer some damage with an exception of their own arithmetic.
      throw e instanceof InputException told ? told : damaged(format, e);
    } finally {
      reader.dispose();
    }
  }

  /**
   * The JPEG reader fills in what is missing, and only warns; some warnings are about what it
   * ignores.
   */
  private static void checkWarnings(List<String> warnings, String format) {
    for (String warning : warnings) {
      if (!warning.endsWith("ignored")) {
        throw new InputException("a damaged " + format + " picture: " + warning);
      }
    }
  }

  private static InputException damaged(String format, Exception e) {
    return new InputException("a " + format + " picture that cannot be read: " + e.getMessage(), e);
  }

  private static String format(byte[] encoded) {
    if (startsWith(encoded, PNG) && encoded.length > PNG_DEPTH + 1) {
      if (encoded[PNG_DEPTH] == 16) {
        throw new InputException("a png picture of 16 bits a sample; 8 can be read");
      }
      return "png";
    }
    if (startsWith(encoded, JPEG)) {
      return "jpeg";
    }
    throw new InputException("not a PNG or a JPEG picture, by its first bytes");
  }

  private static boolean startsWith(byte[] bytes, byte[] start) {
    return bytes.length >= start.length
        && Arrays.equals(bytes, 0, start.length, start, 0, start.length);
  }

  private static boolean isGreyPng(byte[] encoded) {
    return (encoded[PNG_DEPTH + 1] & (PNG_PALETTE | PNG_COLOUR)) == 0;
  }

  private void checkSize(int width, int height) {
    if ((long) width * height > mostPixels) {
      throw new InputException(
          "a picture of "
              + height
              + " x "
              + width
              + " pixels; at most "
              + mostPixels
              + " pixels are read");
    }
  }

  /** A JPEG of four colours has no image type, or one with transparency, which JPEG has not. */
  private static void checkColours(boolean readable, String format) {
    if (!readable) {
      throw new InputException(
          "a "
              + format
              + " picture of other colours (CMYK?); grey, or red, green and blue, can be read");
    }
  }

  private static Image pixels(BufferedImage picture, String format, boolean greyPng) {
    Raster raster = picture.getRaster();
    ColorModel colours = picture.getColorModel();
    int bands = raster.getNumBands();
    checkColours(format.equals("png") || bands <= 3, format);
    if (colours instanceof IndexColorModel palette) {
      return looked(raster, palette, greyPng ? 1 : 3);
    }
    if (bands > 4 || colours.getComponentSize(0) != 8) {
      throw new InputException(
          "a "
              + format
              + " picture of "
              + bands
              + " bands of "
              + colours.getComponentSize(0)
              + " bits");
    }
    return copied(raster, bands <= 2 ? 1 : 3);
  }

  /** Samples as they are: no colour space is applied, which would change a grey's brightness. */
  private static Image copied(Raster raster, int channels) {
    int width = raster.getWidth();
    int bands = raster.getNumBands();
    byte[] pixels = new byte[width * raster.getHeight() * channels];
    int[] row = new int[width * bands];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          pixels[at++] = (byte) row[x * bands + c];
        }
      }
    }
    return new Image(raster.getHeight(), width, channels, pixels);
  }

  private static Image looked(Raster raster, IndexColorModel palette, int channels) {
    int width = raster.getWidth();
    byte[] pixels = new byte[width * raster.getHeight() * channels];
    int[] row = new int[width];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int index : row) {
        pixels[at++] = (byte) palette.getRed(index);
        if (channels == 3) {
          pixels[at++] = (byte) palette.getGreen(index);
          pixels[at++] = (byte) palette.getBlue(index);
        }
      }
    }
    return new Image(raster.getHeight(), width, channels, pixels);
  }
}
