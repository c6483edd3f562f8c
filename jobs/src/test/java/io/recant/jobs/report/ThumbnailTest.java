package io.recant.jobs.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.jobs.report.ReportData.Picture;
import io.recant.ml.data.Image;
import io.recant.ml.data.ImageDecoder;
import io.recant.ml.data.PngEncoder;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThumbnailTest {

  /** Signature, length, name, content and check sum of a PNG's header. */
  private static final int PNG_HEADER = 8 + 4 + 4 + 13 + 4;

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void keepsEveryPixelOfASmallPicture(int channels) {
    Image whole = noise(32, 96, channels);
    Picture picture = Thumbnail.of(PngEncoder.encode(whole));
    Image shown = shown(picture);
    assertThat(shown.shape()).isEqualTo(whole.shape());
    assertThat(shown.pixels()).isEqualTo(whole.pixels());
    assertThat(picture).extracting(Picture::width, Picture::height).containsExactly(96, 32);
    assertThat(picture).extracting(Picture::fullWidth, Picture::fullHeight).containsExactly(96, 32);
  }

  @Test
  void scalesALargePictureDownToMeans() {
    byte[] pixels = new byte[200 * 400];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i % 400 < 200 ? 10 : (i + i / 400) % 2 == 0 ? 100 : 255);
    }
    Picture picture = Thumbnail.of(PngEncoder.encode(new Image(200, 400, 1, pixels)));
    assertThat(picture).extracting(Picture::width, Picture::height).containsExactly(96, 48);
    assertThat(picture)
        .extracting(Picture::fullWidth, Picture::fullHeight)
        .containsExactly(400, 200);
    Image shown = shown(picture);
    for (int i = 0; i < shown.pixels().length; i++) {
      int pixel = shown.pixels()[i] & 0xFF;
      assertThat(pixel).isBetween(i % 96 < 48 ? 10 : 150, i % 96 < 48 ? 10 : 205);
    }
  }

  @Test
  void keepsALineALine() {
    Image shown = shown(Thumbnail.of(PngEncoder.encode(noise(1, 9000, 3))));
    assertThat(shown.shape().width()).isEqualTo(96);
    assertThat(shown.shape().height()).isEqualTo(1);
  }

  @Test
  void isBoundedWhateverThePicture() {
    assertThat(Thumbnail.of(PngEncoder.encode(noise(96, 96, 3))).src()).hasSizeLessThan(40_000);
    assertThat(Thumbnail.of(PngEncoder.encode(noise(1200, 1100, 3))).src()).hasSizeLessThan(40_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no picture",
        "\u0089PNG\r\n\u001a\n",
        "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        RunFixture.HOSTILE
      })
  void hasNoAddressForWhatCannotBeRead(String file) {
    assertThat(Thumbnail.of(file.getBytes(StandardCharsets.ISO_8859_1)))
        .isEqualTo(Picture.UNREADABLE);
  }

  @Test
  void hasNoAddressForAPictureThatIsCutOff() {
    byte[] file = PngEncoder.encode(noise(20, 20, 3));
    for (int length = 0; length < file.length - 16; length += 37) {
      assertThat(Thumbnail.of(Arrays.copyOf(file, length)).src()).as("%d bytes", length).isNull();
    }
  }

  @Test
  void leavesBehindWhatAFileSaysBesideItsPixels() {
    byte[] plain = PngEncoder.encode(noise(8, 8, 1));
    byte[] text = withText(plain, RunFixture.HOSTILE);
    assertThat(new String(text, StandardCharsets.ISO_8859_1)).contains("onerror");
    assertThat(Thumbnail.of(text)).isEqualTo(Thumbnail.of(plain));
  }

  private static Image shown(Picture picture) {
    assertThat(picture.src()).startsWith("data:image/png;base64,");
    byte[] png = Base64.getDecoder().decode(picture.src().substring(Thumbnail.BEGIN.length()));
    return ImageDecoder.ofSamples().decode(png);
  }

  private static Image noise(int height, int width, int channels) {
    byte[] pixels = new byte[height * width * channels];
    new Random(height).nextBytes(pixels);
    return new Image(height, width, channels, pixels);
  }

  private static byte[] withText(byte[] png, String text) {
    byte[] chunk = ("tEXtComment\0" + text).getBytes(StandardCharsets.ISO_8859_1);
    CRC32 sum = new CRC32();
    sum.update(chunk);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(png, 0, PNG_HEADER);
    file.writeBytes(ByteBuffer.allocate(4).putInt(chunk.length - 4).array());
    file.writeBytes(chunk);
    file.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
    file.write(png, PNG_HEADER, png.length - PNG_HEADER);
    return file.toByteArray();
  }
}
