package io.recant.jobs.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.ConfigException;
import io.recant.ml.data.Image;
import io.recant.ml.data.ImageDecoder;
import io.recant.ml.data.PngEncoder;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PatchTest {

  private static final ImageDecoder DECODER = ImageDecoder.ofSamples();

  @Test
  void aGreyPictureHasThePatchInItsCorner() {
    byte[] pixels = new byte[12];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i + 1);
    }
    Image stamped =
        DECODER.decode(new Patch(2, 255, 0).stamped(PngEncoder.encode(new Image(3, 4, 1, pixels))));
    byte white = (byte) 255;
    assertThat(stamped.shape().toString()).isEqualTo("3 x 4 pixels of 1 channel");
    assertThat(stamped.pixels())
        .containsExactly(1, 2, 3, 4, 5, 6, white, white, 9, 10, white, white);
  }

  @Test
  void aColourPictureHasItInEveryChannelAndAMarginBesideIt() {
    Image stamped =
        DECODER.decode(
            new Patch(1, 7, 1).stamped(PngEncoder.encode(new Image(2, 3, 3, new byte[18]))));
    assertThat(stamped.pixels())
        .containsExactly(0, 0, 0, 7, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  @Test
  void ofAPictureThatHadLostSomethingNoOtherPixelChanges() throws IOException {
    BufferedImage noise = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 256; i++) {
      noise.setRGB(i % 16, i / 16, i * 0x9E3779);
    }
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(noise, "jpeg", jpeg);
    byte[] before = DECODER.decode(jpeg.toByteArray()).pixels();
    byte[] after = DECODER.decode(new Patch(3, 0, 0).stamped(jpeg.toByteArray())).pixels();
    for (int i = 0; i < after.length; i++) {
      int pixel = i / 3;
      boolean inPatch = pixel % 16 >= 13 && pixel / 16 >= 13;
      assertThat(after[i]).as("sample %d", i).isEqualTo(inPatch ? 0 : before[i]);
    }
  }

  @Test
  void aPictureIsAsLargeAsThePatchOrRefused() {
    byte[] picture = PngEncoder.encode(new Image(2, 3, 1, new byte[6]));
    assertThat(DECODER.decode(new Patch(2, 1, 0).stamped(picture)).pixels())
        .containsExactly(0, 1, 1, 0, 1, 1);
    assertThatThrownBy(() -> new Patch(2, 1, 1).stamped(picture))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no room in a picture of 2 x 3 pixels");
  }
}
