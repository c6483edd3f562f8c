package io.recant.ml.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.InputException;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {

  private static final ImageDecoder DECODER = new ImageDecoder(10_000);

  /** Three columns and two rows of all different samples. */
  private static BufferedImage picture(int type) {
    BufferedImage picture = new BufferedImage(3, 2, type);
    WritableRaster raster = picture.getRaster();
    int[] sample = {0};
    for (int y = 0; y < 2; y++) {
      for (int x = 0; x < 3; x++) {
        int[] pixel = new int[raster.getNumBands()];
        Arrays.setAll(pixel, c -> sample[0] += 10);
        raster.setPixel(x, y, pixel);
      }
    }
    return picture;
  }

  private static byte[] encoded(BufferedImage picture, String format) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      assertThat(ImageIO.write(picture, format, out)).isTrue();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return out.toByteArray();
  }

  private static byte[] smooth(int side, String format) {
    BufferedImage picture = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        picture.setRGB(x, y, (200 - x) << 16 | (50 + y) << 8 | 100);
      }
    }
    return encoded(picture, format);
  }

  private static void assertRefused(byte[] bytes, String... why) {
    assertThatThrownBy(() -> DECODER.decode(bytes))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(why);
  }

  @Test
  void coloursAreRedGreenAndBlueInTurn() {
    for (int type : new int[] {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_3BYTE_BGR}) {
      Image image = DECODER.decode(encoded(picture(type), "png"));
      assertThat(image.shape()).isEqualTo(new ImageShape(2, 3, 3));
      for (int i = 0; i < 18; i++) {
        assertThat(image.pixels()[i] & 0xff).isEqualTo(10 * (i + 1));
      }
    }
  }

  @Test
  void greyKeepsOneChannelAndItsBrightness() {
    Image image = DECODER.decode(encoded(picture(BufferedImage.TYPE_BYTE_GRAY), "png"));
    assertThat(image.shape()).isEqualTo(new ImageShape(2, 3, 1));
    assertThat(image.pixels()).containsExactly(10, 20, 30, 40, 50, 60);
  }

  /** A PNG of black and white is read by way of a palette, but is grey. */
  @Test
  void blackAndWhiteIsGrey() {
    BufferedImage picture = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_BINARY);
    picture.setRGB(1, 0, 0xffffff);
    Image image = DECODER.decode(encoded(picture, "png"));
    assertThat(image.shape()).isEqualTo(new ImageShape(1, 3, 1));
    assertThat(image.pixels()).containsExactly(0, -1, 0);
  }

  @Test
  void transparencyIsDropped() {
    BufferedImage picture = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    picture.setRGB(0, 0, 0x80010203);
    picture.setRGB(1, 0, 0x00040506);
    assertThat(DECODER.decode(encoded(picture, "png")).pixels()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void palettesAreLookedUp() {
    byte[] red = {1, 2, 3};
    byte[] green = {11, 12, 13};
    byte[] blue = {21, 22, 23};
    BufferedImage picture =
        new BufferedImage(
            3, 1, BufferedImage.TYPE_BYTE_INDEXED, new IndexColorModel(2, 3, red, green, blue));
    picture.getRaster().setPixels(0, 0, 3, 1, new int[] {2, 0, 1});
    Image image = DECODER.decode(encoded(picture, "png"));
    assertThat(image.shape().channels()).isEqualTo(3);
    assertThat(image.pixels()).containsExactly(3, 13, 23, 1, 11, 21, 2, 12, 22);
  }

  @Test
  void jpegsAreNearWhatWasWritten() {
    Image image = DECODER.decode(smooth(32, "jpeg"));
    assertThat(image.shape()).isEqualTo(new ImageShape(32, 32, 3));
    for (int i = 0; i < 32 * 32; i++) {
      assertThat(image.pixels()[3 * i] & 0xff).isBetween(194 - i % 32, 206 - i % 32);
      assertThat(image.pixels()[3 * i + 1] & 0xff).isBetween(44 + i / 32, 56 + i / 32);
    }
    BufferedImage grey = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
    grey.getRaster().setPixels(0, 0, 8, 8, new int[64]);
    Image black = DECODER.decode(encoded(grey, "jpeg"));
    assertThat(black.shape()).isEqualTo(new ImageShape(8, 8, 1));
    assertThat(black.pixels()).containsOnly(0);
  }

  @Test
  void samplesOfSixteenBitsAreRefused() {
    assertRefused(encoded(picture(BufferedImage.TYPE_USHORT_GRAY), "png"), "16 bits");
  }

  /**
   * Without the mark of Adobe, as plain CMYK and as YCCK, which the reader takes for different
   * things.
   */
  @Test
  void coloursOfPrintAreRefused() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      writer.setOutput(stream);
      WritableRaster inks = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 16, 16, 4, null);
      writer.write(null, new IIOImage(inks, null, null), null);
    }
    writer.dispose();
    byte[] plain = out.toByteArray();
    assertRefused(plain, "jpeg picture", "CMYK");
    for (byte transform : new byte[] {0, 2}) {
      byte[] mark = {-1, -18, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, transform};
      ByteBuffer marked = ByteBuffer.allocate(plain.length + mark.length);
      marked.put(plain, 0, 2).put(mark).put(plain, 2, plain.length - 2);
      assertRefused(marked.array(), "jpeg picture", "CMYK");
    }
  }

  /** The header says what the picture would take; its pixels are not there at all. */
  @ParameterizedTest
  @ValueSource(ints = {101, 60_000, Integer.MAX_VALUE})
  void aPictureLargerThanAllowedIsRefusedByItsHeader(int side) {
    byte[] png = encoded(picture(BufferedImage.TYPE_INT_RGB), "png");
    ByteBuffer header = ByteBuffer.wrap(png);
    header.putInt(16, side).putInt(20, side);
    CRC32 check = new CRC32();
    check.update(png, 12, 17);
    header.putInt(29, (int) check.getValue());
    assertRefused(Arrays.copyOf(png, 33), String.valueOf(side), "at most 10000 pixels");
  }

  @Test
  void theLargestPictureAllowedIsRead() {
    assertThat(DECODER.decode(smooth(100, "png")).shape()).isEqualTo(new ImageShape(100, 100, 3));
    assertRefused(smooth(101, "jpeg"), "101 x 101");
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg"})
  void aPictureThatIsCutOffIsRefused(String format) {
    byte[] whole = smooth(64, format);
    for (int length : new int[] {0, 3, 20, 33, whole.length / 2, whole.length * 3 / 4}) {
      assertRefused(Arrays.copyOf(whole, length), "picture");
    }
    BufferedImage speckled = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64 * 64; i++) {
      speckled.setRGB(i % 64, i / 64, i * 0x9e3779b9);
    }
    byte[] pixels = encoded(speckled, format);
    assertThat(DECODER.decode(pixels).shape()).isEqualTo(new ImageShape(64, 64, 3));
    assertRefused(Arrays.copyOf(pixels, pixels.length * 3 / 4), format + " picture");
    assertRefused(Arrays.copyOf(pixels, pixels.length - 50), format + " picture");
  }

  /** Whatever is in the bytes, it is read or it is an error of the input. */
  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg"})
  void damageIsAnErrorOfTheInput(String format) {
    byte[] whole = smooth(32, format);
    for (int at = 0; at < Math.min(whole.length, 700); at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= (byte) 0x5a;
      try {
        assertThat(DECODER.decode(damaged).shape().size()).isPositive();
      } catch (InputException e) {
        assertThat(e).hasMessageContaining("picture");
      }
    }
  }

  @Test
  void otherFilesAreRefused() {
    assertRefused(encoded(picture(BufferedImage.TYPE_INT_RGB), "bmp"), "not a PNG or a JPEG");
    assertRefused("a text".getBytes(StandardCharsets.UTF_8), "not a PNG");
  }

  @Test
  void picturesHaveAsManyPixelsAsTheySay() {
    assertThatThrownBy(() -> new Image(2, 2, 3, new byte[11]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("12 bytes", "11");
    assertThatThrownBy(() -> new ImageShape(2, 2, 2)).isInstanceOf(IllegalArgumentException.class);
  }
}
