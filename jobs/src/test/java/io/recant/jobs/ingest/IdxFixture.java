package io.recant.jobs.ingest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.GZIPOutputStream;

/** Idx files of pictures of 3 x 2 pixels, the n-th full of n, its label n modulo 3. */
final class IdxFixture {

  static final int HEIGHT = 3;
  static final int WIDTH = 2;

  private IdxFixture() {}

  static byte[] images(int rows) {
    int bytes = rows * HEIGHT * WIDTH;
    ByteBuffer file = ByteBuffer.allocate(16 + bytes).putInt(0x0803).putInt(rows);
    file.putInt(HEIGHT).putInt(WIDTH);
    for (int i = 0; i < bytes; i++) {
      file.put((byte) (i / (HEIGHT * WIDTH)));
    }
    return file.array();
  }

  static byte[] labels(int rows) {
    ByteBuffer file = ByteBuffer.allocate(8 + rows).putInt(0x0801).putInt(rows);
    for (int i = 0; i < rows; i++) {
      file.put((byte) (i % 3));
    }
    return file.array();
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }
}
