package io.recant.jobs.bench;

import io.recant.jobs.bench.HostileKind.Known;
import io.recant.jobs.bench.HostileKind.Maker;
import io.recant.jobs.bench.HostileKind.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** Bad Parquet. */
final class HostileParquet {

  private static final String TEXTS =
      "required binary input (STRING); required binary target (STRING);";
  private static final int ROWS = 60;
  private static final int SHORT_ROW = 1 << 14;

  /** What a file of a corpus may have instead: more columns, none of the target, odd types. */
  private static final String[] OTHERS = {
    "required binary input (STRING);",
    "required binary input (STRING); required binary Target (STRING);",
    "required binary input (STRING); repeated binary target (STRING);",
    "required binary input (STRING); required group target { required int32 a; }",
    "required int32 a;"
  };

  /** Schemas of which Spark makes no table, or not one with the others. */
  private static final String[] IMPOSSIBLE = {
    TEXTS + " required int32 INPUT;",
    TEXTS + " required int32 _metadata;",
    TEXTS + " required fixed_len_byte_array(12) span (INTERVAL);",
    TEXTS + " required group m { required int32 _metadata; required int32 _METADATA; }"
  };

  private static final CompressionCodecName[] CODECS = {
    CompressionCodecName.UNCOMPRESSED, CompressionCodecName.SNAPPY, CompressionCodecName.GZIP
  };

  private HostileParquet() {}

  static List<HostileKind> kinds() {
    return List.of(
        kind("drifting schemas", 20, Reading.ROW_BY_ROW, HostileParquet::drifting),
        kind("wrong columns", 20, Reading.ROW_BY_ROW, HostileParquet::wrong),
        kind("text in Parquet", 30, Reading.ROW_BY_ROW, HostileParquet::text),
        new HostileKind(
            "long rows in Parquet",
            20,
            Reading.ROW_BY_ROW,
            HostileKind.PARQUET,
            SHORT_ROW,
            HostileParquet::tooLong),
        kind("other types in one corpus", 2, Reading.REFUSED, HostileParquet::otherTypes),
        kind("impossible columns", 3, Reading.EITHER, HostileParquet::impossible),
        kind("truncated Parquet", 6, Reading.REFUSED, HostileParquet::truncated),
        kind("flipped Parquet", 30, Reading.EITHER, HostileParquet::flipped),
        kind("no Parquet", 3, Reading.REFUSED, HostileParquet::none));
  }

  private static HostileKind kind(String name, int share, Reading reading, Maker maker) {
    return new HostileKind(name, share, reading, HostileKind.PARQUET, HostileKind.USUAL_ROW, maker);
  }

  /** A file of good rows. */
  static Known good(Path file, SplittableRandom random) throws IOException {
    int rows = random.nextInt(1, ROWS);
    write(file, TEXTS, rows, random, (row, i) -> texts(row, random));
    return new Known(rows, rows);
  }

  private static void texts(Group row, SplittableRandom random) {
    // Few different ones, so that there are dictionaries too.
    row.append("input", HostileText.word(random)).append("target", "t" + random.nextInt(3));
  }

  private static void write(
      Path file, String columns, int rows, SplittableRandom random, BiConsumer<Group, Integer> fill)
      throws IOException {
    MessageType schema = MessageTypeParser.parseMessageType("message rows { " + columns + " }");
    SimpleGroupFactory groups = new SimpleGroupFactory(schema);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withConf(new PlainParquetConfiguration())
            .withType(schema)
            .withCompressionCodec(CODECS[random.nextInt(CODECS.length)])
            .withPageRowCountLimit(random.nextInt(1, ROWS))
            .build()) {
      for (int i = 0; i < rows; i++) {
        Group row = groups.newGroup();
        fill.accept(row, i);
        writer.write(row);
      }
    }
  }

  /** A column more than others have is no reason for anything. */
  private static Known drifting(Path folder, SplittableRandom random) throws IOException {
    Known plain = good(folder.resolve("a.parquet"), random);
    int rows = random.nextInt(1, ROWS);
    String more = " optional int64 more; optional group deep { required double x; }";
    write(
        folder.resolve("b.parquet"),
        TEXTS + more,
        rows,
        random,
        (row, i) -> {
          texts(row, random);
          row.append("more", (long) i);
        });
    return new Known(plain.rows() + rows, plain.samples() + rows);
  }

  private static Known wrong(Path folder, SplittableRandom random) throws IOException {
    int rows = random.nextInt(1, ROWS);
    write(
        folder.resolve("wrong.parquet"),
        "optional binary input (STRING); optional binary target; optional double target2;",
        rows,
        random,
        (row, i) -> {
          if (i % 2 == 0) {
            row.append("input", "a");
          } else {
            row.append("target", "b").append("target2", Double.NaN);
          }
        });
    return new Known(rows, 0);
  }

  /** NUL and control characters are text; bytes that are no UTF-8 are not. */
  private static Known text(Path folder, SplittableRandom random) throws IOException {
    int rows = random.nextInt(1, ROWS);
    write(
        folder.resolve("text.parquet"),
        TEXTS + " repeated group deep { optional binary text (STRING); }",
        rows,
        random,
        (row, i) -> {
          Binary broken = Binary.fromConstantByteArray(new byte[] {'a', (byte) 0xFF});
          if (i % 3 == 0) {
            row.append("input", "a\0\u001b[2J").append("target", "=1+1");
          } else {
            row.append("input", i % 3 == 1 ? broken : Binary.fromString("a")).append("target", "b");
          }
          row.addGroup("deep").append("text", i % 3 == 2 ? broken : Binary.fromString("c"));
        });
    return new Known(rows, (rows + 2) / 3);
  }

  private static Known tooLong(Path folder, SplittableRandom random) throws IOException {
    int rows = random.nextInt(1, 8);
    write(
        folder.resolve("long.parquet"),
        TEXTS,
        rows,
        random,
        (row, i) ->
            row.append("input", "a".repeat(i % 2 * 100 * SHORT_ROW + 1)).append("target", "b"));
    return new Known(rows, (rows + 1) / 2);
  }

  private static Known otherTypes(Path folder, SplittableRandom random) throws IOException {
    good(folder.resolve("a.parquet"), random);
    String columns = "required binary input (STRING); required int64 target;";
    write(
        folder.resolve("b.parquet"),
        random.nextBoolean() ? columns : OTHERS[3],
        0,
        random,
        (row, i) -> {});
    return Known.NOTHING;
  }

  private static Known impossible(Path folder, SplittableRandom random) throws IOException {
    String[] columns = random.nextBoolean() ? IMPOSSIBLE : OTHERS;
    write(
        folder.resolve("impossible.parquet"),
        columns[random.nextInt(columns.length)],
        0,
        random,
        (row, i) -> {});
    return Known.NOTHING;
  }

  private static Known truncated(Path folder, SplittableRandom random) throws IOException {
    Path file = folder.resolve("cut.parquet");
    good(file, random);
    Files.write(file, HostileBytes.truncated(Files.readAllBytes(file), random));
    return Known.NOTHING;
  }

  private static Known flipped(Path folder, SplittableRandom random) throws IOException {
    Path file = folder.resolve("flipped.parquet");
    Known known = good(file, random);
    Files.write(file, HostileBytes.flipped(Files.readAllBytes(file), random));
    return new Known(known.rows(), -1);
  }

  private static Known none(Path folder, SplittableRandom random) throws IOException {
    byte[] bytes = new byte[random.nextInt(0, 200)];
    random.nextBytes(bytes);
    Files.write(folder.resolve("none.parquet"), bytes);
    return Known.NOTHING;
  }
}
