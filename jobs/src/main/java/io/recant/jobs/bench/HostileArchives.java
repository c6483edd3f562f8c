package io.recant.jobs.bench;

import io.recant.jobs.bench.HostileKind.Known;
import io.recant.jobs.bench.HostileKind.Maker;
import io.recant.jobs.bench.HostileKind.Reading;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.compress.BZip2Codec;

/** Bad compressed files. */
final class HostileArchives {

  private static final int ROWS = 40;

  /** Less than what the step reads of any compressed file, however small. */
  private static final long ALLOWED = 60L << 20;

  /** More than the file may hold for its length. */
  private static final long TOO_MUCH = 300L << 20;

  private static final int PIECE = 1 << 16;
  private static final String[] ENDINGS = {"gz", "bz2", "deflate", "zst", "snappy", "lz4"};

  private HostileArchives() {}

  static List<HostileKind> kinds() {
    return List.of(
        kind("bombs under the limit", 1, Reading.ROW_BY_ROW, HostileArchives::smallBomb),
        kind("bombs", 1, Reading.REFUSED, HostileArchives::bomb),
        kind("truncated gzip", 4, Reading.REFUSED, HostileArchives::truncated),
        kind("flipped gzip", 5, Reading.EITHER, HostileArchives::flippedGzip),
        kind("flipped bzip2", 5, Reading.EITHER, HostileArchives::flippedBzip2),
        kind("not what the name says", 3, Reading.EITHER, HostileArchives::misnamed));
  }

  private static HostileKind kind(String name, int share, Reading reading, Maker maker) {
    return new HostileKind(name, share, reading, HostileKind.JSONL, HostileKind.USUAL_ROW, maker);
  }

  private static HostileText rows(SplittableRandom random) {
    HostileText text = new HostileText(random);
    for (int i = 0; i < ROWS; i++) {
      text.good();
    }
    return text;
  }

  /** One line without an end, blank lines without an end, or as many rows as fit in a MiB. */
  private static Known smallBomb(Path folder, SplittableRandom random) throws IOException {
    Path file = folder.resolve("bomb.jsonl.gz");
    int form = random.nextInt(3);
    if (form == 2) {
      byte[] rows = HostileText.utf8("{}\n".repeat(PIECE / 4));
      Files.write(file, HostileBytes.bomb(rows, 4));
      return new Known(PIECE, 0);
    }
    Files.write(file, HostileBytes.bomb(piece(form), ALLOWED / PIECE));
    return new Known(form == 0 ? 1 : 0, 0);
  }

  private static Known bomb(Path folder, SplittableRandom random) throws IOException {
    byte[] bomb = HostileBytes.bomb(piece(random.nextInt(2)), TOO_MUCH / PIECE);
    Files.write(folder.resolve("bomb.jsonl.gz"), bomb);
    return Known.NOTHING;
  }

  private static byte[] piece(int form) {
    return HostileText.utf8((form == 0 ? "a" : "\n").repeat(PIECE));
  }

  private static Known truncated(Path folder, SplittableRandom random) throws IOException {
    byte[] whole = HostileBytes.gzip(rows(random).bytes());
    Files.write(folder.resolve("cut.jsonl.gz"), HostileBytes.truncated(whole, random));
    return Known.NOTHING;
  }

  private static Known flippedGzip(Path folder, SplittableRandom random) throws IOException {
    HostileText rows = rows(random);
    byte[] whole = HostileBytes.gzip(rows.bytes());
    Files.write(folder.resolve("flipped.jsonl.gz"), HostileBytes.flipped(whole, random));
    return rows.known();
  }

  private static Known flippedBzip2(Path folder, SplittableRandom random) throws IOException {
    HostileText rows = rows(random);
    BZip2Codec codec = new BZip2Codec();
    codec.setConf(new Configuration(false));
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (OutputStream out = codec.createOutputStream(zipped)) {
      out.write(rows.bytes());
    }
    byte[] bytes = HostileBytes.flipped(zipped.toByteArray(), random);
    Files.write(folder.resolve("flipped.jsonl.bz2"), bytes);
    return rows.known();
  }

  private static Known misnamed(Path folder, SplittableRandom random) throws IOException {
    String ending = ENDINGS[random.nextInt(ENDINGS.length)];
    byte[] bytes = random.nextInt(4) == 0 ? new byte[0] : rows(random).bytes();
    Files.write(folder.resolve("plain.jsonl." + ending), bytes);
    return Known.NOTHING;
  }
}
