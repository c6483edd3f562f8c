package io.recant.ml.files;

import io.recant.core.error.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Files that are held as wholes. A model directory may be anyone's, so a file of it is not read
 * beyond what a file of that name may be.
 */
public final class BoundedFile {

  private BoundedFile() {}

  /**
   * The bytes of a file.
   *
   * @param most how many it may have
   * @throws InputException when it cannot be read or is larger
   */
  public static byte[] bytes(Path file, int most) {
    try (InputStream in = Files.newInputStream(file)) {
      // What is no plain file has no size.
      byte[] bytes = Files.size(file) > most ? new byte[0] : in.readNBytes(most);
      if (in.read() >= 0) {
        throw new InputException(file + ": larger than " + most + " bytes, which no such file is");
      }
      return bytes;
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read", e);
    }
  }

  /**
   * The text of a file.
   *
   * @param most how many bytes it may have
   * @throws InputException when it cannot be read, is larger, or is not UTF-8
   */
  public static String text(Path file, int most) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes(file, most)))
          .toString();
    } catch (IOException e) {
      throw new InputException(file + ": is not UTF-8 text", e);
    }
  }
}
