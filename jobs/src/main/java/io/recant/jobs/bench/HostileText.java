package io.recant.jobs.bench;

import io.recant.jobs.bench.HostileKind.Known;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** A text file in the making, line by line, of which is known what becomes of each. */
final class HostileText {

  private static final String[] ENDS = {"\n", "\r\n"};

  private final SplittableRandom random;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long rows;
  private long samples;

  HostileText(SplittableRandom random) {
    this.random = random;
  }

  /** A word that no line of a file has by chance. */
  static String word(SplittableRandom random) {
    return Long.toString(random.nextLong(1L << 40), 36);
  }

  /** The line of a good row, without its end. */
  static String goodJson(SplittableRandom random) {
    return "{\"input\": \"" + word(random) + "\", \"target\": \"" + word(random) + "\"}";
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  HostileText raw(byte[] more) {
    bytes.writeBytes(more);
    return this;
  }

  HostileText raw(String more) {
    return raw(utf8(more));
  }

  HostileText sample(String line) {
    rows++;
    samples++;
    return raw(line).raw("\n");
  }

  HostileText bad(byte[] line) {
    rows++;
    return raw(line).raw("\n");
  }

  HostileText bad(String line) {
    return bad(utf8(line));
  }

  /** A good row or two of JSON Lines, with either line end and now and then a blank line. */
  HostileText good() {
    for (int i = random.nextInt(1, 3); i > 0; i--) {
      rows++;
      samples++;
      raw(goodJson(random)).raw(ENDS[random.nextInt(2)]);
      if (random.nextInt(8) == 0) {
        raw(ENDS[random.nextInt(2)]);
      }
    }
    return this;
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }

  Known known() {
    return new Known(rows, samples);
  }

  Known write(Path file) throws IOException {
    Files.write(file, bytes());
    return known();
  }
}
