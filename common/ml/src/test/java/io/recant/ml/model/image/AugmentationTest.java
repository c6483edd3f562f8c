package io.recant.ml.model.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.TestDevice;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Dropout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AugmentationTest {

  private static final int ROWS = 300;
  private static final int HEIGHT = 5;
  private static final int WIDTH = 6;
  private static final int SIZE = HEIGHT * WIDTH * 3;

  private NDManager manager;
  private NDArray pixels;

  @BeforeEach
  void begin() {
    manager = Devices.manager(TestDevice.get());
    ByteBuffer bytes = ByteBuffer.allocateDirect(ROWS * SIZE);
    for (int i = 0; i < ROWS * SIZE; i++) {
      bytes.put((byte) (1 + i % SIZE));
    }
    bytes.rewind();
    pixels = manager.create(bytes, new Shape(ROWS, HEIGHT, WIDTH, 3), DataType.UINT8);
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private byte[] applied(Augmentation augmentation, Dropout noise) {
    NDArray changed = augmentation.apply(pixels, noise);
    assertThat(changed.getShape()).isEqualTo(pixels.getShape());
    assertThat(changed.getDataType()).isEqualTo(DataType.UINT8);
    return bytes(changed);
  }

  private static byte[] bytes(NDArray array) {
    ByteBuffer buffer = array.toByteBuffer();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  /** The picture moved by so much, black where nothing was. */
  private static byte[] moved(int down, int across, boolean mirrored) {
    byte[] to = new byte[SIZE];
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int row = y + down;
        int column = (mirrored ? WIDTH - 1 - x : x) + across;
        if (row >= 0 && row < HEIGHT && column >= 0 && column < WIDTH) {
          for (int c = 0; c < 3; c++) {
            to[(y * WIDTH + x) * 3 + c] = (byte) (1 + (row * WIDTH + column) * 3 + c);
          }
        }
      }
    }
    return to;
  }

  /** How each picture was changed: (down, across, mirrored) in one number; all must be found. */
  private Set<Integer> changes(byte[] changed, boolean mirrors) {
    Set<Integer> found = new HashSet<>();
    for (int n = 0; n < ROWS; n++) {
      byte[] one = Arrays.copyOfRange(changed, n * SIZE, (n + 1) * SIZE);
      int change = -1;
      for (int i = 0; i < 9 * 9 * (mirrors ? 2 : 1); i++) {
        if (Arrays.equals(one, moved(i % 9 - 4, i / 9 % 9 - 4, i >= 81))) {
          change = i;
        }
      }
      assertThat(change).as("picture %d is no crop", n).isNotNegative();
      found.add(change);
    }
    return found;
  }

  @Test
  void cropsAreMovedPicturesAndFlipsMirroredOnes() {
    Set<Integer> crops = changes(applied(Augmentation.CROP, Dropout.seeded(1)), false);
    assertThat(crops).as("of 81 places").hasSizeGreaterThan(70);
    Set<Integer> flips = changes(applied(Augmentation.CROP_AND_FLIP, Dropout.seeded(1)), true);
    assertThat(flips.stream().filter(i -> i >= 81).count()).isGreaterThan(50);
    assertThat(flips.stream().filter(i -> i < 81).count()).isGreaterThan(50);
  }

  @Test
  void seedsDecideAndEachPassDrawsAnew() {
    Dropout noise = Dropout.seeded(1);
    byte[] first = applied(Augmentation.CROP_AND_FLIP, noise);
    assertThat(noise.drawn()).isEqualTo(ROWS);
    assertThat(applied(Augmentation.CROP_AND_FLIP, noise)).isNotEqualTo(first);
    assertThat(applied(Augmentation.CROP_AND_FLIP, Dropout.seeded(1))).isEqualTo(first);
    assertThat(applied(Augmentation.CROP_AND_FLIP, Dropout.seeded(2))).isNotEqualTo(first);
  }

  @Test
  void outsideOfTrainingNothingChanges() {
    assertThat(Augmentation.CROP_AND_FLIP.apply(pixels, Dropout.off())).isSameAs(pixels);
    Dropout noise = Dropout.seeded(1);
    assertThat(Augmentation.NONE.apply(pixels, noise)).isSameAs(pixels);
    assertThat(noise.drawn()).isZero();
    assertThatThrownBy(() -> Dropout.off().bits(1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void partsOfABatchAreChangedAsTheWholeIs() {
    byte[] whole = applied(Augmentation.CROP_AND_FLIP, Dropout.seeded(1).at(17));
    Dropout noise = Dropout.seeded(1).at(17).rows(100, ROWS);
    NDArray part = Augmentation.CROP_AND_FLIP.apply(pixels.get("100:220"), noise);
    assertThat(bytes(part)).isEqualTo(Arrays.copyOfRange(whole, 100 * SIZE, 220 * SIZE));
    assertThat(noise.drawn()).isEqualTo(17 + ROWS);
  }
}
