package io.recant.jobs.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;

/** What happens to files on disks and wires. */
final class HostileBytes {

  private static final int MOST_FLIPS = 4;

  private HostileBytes() {}

  /** A copy with one to four bits turned. */
  static byte[] flipped(byte[] bytes, SplittableRandom random) {
    byte[] copy = bytes.clone();
    for (int i = random.nextInt(1, MOST_FLIPS + 1); i > 0; i--) {
      copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return copy;
  }

  /** A beginning that is not the whole; never empty. */
  static byte[] truncated(byte[] bytes, SplittableRandom random) {
    return Arrays.copyOf(bytes, random.nextInt(1, bytes.length));
  }

  static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(zipped)) {
      out.write(bytes);
    }
    return zipped.toByteArray();
  }

  /** {@code times} times the same, compressed; it is nowhere in memory as a whole. */
  static byte[] bomb(byte[] piece, long times) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(zipped, 1 << 16)) {
      for (long i = 0; i < times; i++) {
        out.write(piece);
      }
    }
    return zipped.toByteArray();
  }
}
