package io.recant.ml.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PngEncoderTest {

  @ParameterizedTest
  @CsvSource({"28, 28, 1", "1, 300, 1", "5, 3, 3", "300, 1, 3"})
  void everyPixelComesBack(int height, int width, int channels) {
    byte[] pixels = new byte[height * width * channels];
    new Random(7).nextBytes(pixels);
    Image image = new Image(height, width, channels, pixels);

    Image back = new ImageDecoder(1000).decode(PngEncoder.encode(image));

    assertThat(back.shape()).isEqualTo(image.shape());
    assertThat(back.pixels()).isEqualTo(pixels);
  }
}
