package io.recant.jobs.ingest;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.fs.FSDataInputStream;

/**
 * How much a compressed file may become. A few kilobytes can hold gigabytes that mean nothing; who
 * reads them stores a quarantine of that size, or waits.
 */
final class Expansion {

  /** What holds less is read however small it was. */
  static final long ALWAYS = 64L << 20;

  private Expansion() {}

  /** Whether {@code stored} bytes may hold so many. */
  static boolean allows(long stored, long held, int most) {
    return held <= ALWAYS || held / most <= stored;
  }

  /**
   * The decompressed stream; reading on fails where it holds more than {@code most} times what was
   * read of the file.
   */
  static InputStream limited(InputStream plain, FSDataInputStream file, int most) {
    return new FilterInputStream(plain) {
      private long held;

      @Override
      public int read() throws IOException {
        int b = super.read();
        count(b < 0 ? 0 : 1);
        return b;
      }

      @Override
      public int read(byte[] bytes, int from, int length) throws IOException {
        int read = super.read(bytes, from, length);
        count(Math.max(read, 0));
        return read;
      }

      private void count(int read) throws IOException {
        held += read;
        if (!allows(file.getPos(), held, most)) {
          throw new IOException(
              "it holds more than max_expansion = " + most + " times its own length");
        }
      }
    };
  }
}
