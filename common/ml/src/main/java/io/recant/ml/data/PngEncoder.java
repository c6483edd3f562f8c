package io.recant.ml.data;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Writes pixels as PNG files, which lose nothing: {@link ImageDecoder} gives the same pixels. */
public final class PngEncoder {

  private PngEncoder() {}

  /** The bytes of a file: grey with 8 bits a pixel, or red, green and blue with 8 bits each. */
  public static byte[] encode(Image image) {
    ImageShape shape = image.shape();
    int type = shape.channels() == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB;
    BufferedImage picture = new BufferedImage(shape.width(), shape.height(), type);
    int[] row = new int[shape.width() * shape.channels()];
    for (int y = 0; y < shape.height(); y++) {
      for (int i = 0; i < row.length; i++) {
        row[i] = image.pixels()[y * row.length + i] & 0xFF;
      }
      // Samples as they are: a picture's own setters convert between colour spaces.
      picture.getRaster().setPixels(0, y, shape.width(), 1, row);
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(picture);
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be written to", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
