package io.recant.jobs.ingest;

import io.recant.core.error.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.BZip2Codec;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.hadoop.io.compress.GzipCodec;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Text files cut into parts that tasks read side by side with the right line numbers. A compressed
 * file is one part, for nobody can begin in its middle.
 */
final class FileParts {

  /**
   * The lines of a file that begin in [start, end).
   *
   * @param firstLine the number of the first of them
   */
  record Part(String uri, long start, long end, long firstLine) implements Serializable {

    private Part withFirstLine(long line) {
      return new Part(uri, start, end, line);
    }
  }

  /** Whether a file may be cut where a line ends. */
  enum Cutting {
    AT_LINES,
    NEVER
  }

  private FileParts() {}

  /** Parts of about {@code partBytes}; files with several are read once to count their lines. */
  static List<Part> of(
      List<FileStatus> files,
      Cutting cutting,
      long partBytes,
      JavaSparkContext spark,
      Broadcast<SerializableConfiguration> hadoop) {
    CompressionCodecFactory codecs = new CompressionCodecFactory(hadoop.value().value());
    List<Part> parts = new ArrayList<>();
    List<Part> cut = new ArrayList<>();
    for (FileStatus file : files) {
      String uri = file.getPath().toString();
      boolean compressed = codec(file.getPath(), codecs).isPresent();
      boolean whole = compressed || cutting == Cutting.NEVER || file.getLen() <= partBytes;
      if (whole) {
        parts.add(new Part(uri, 0, Long.MAX_VALUE, 1));
        continue;
      }
      for (long start = 0; start < file.getLen(); start += partBytes) {
        cut.add(new Part(uri, start, Math.min(start + partBytes, file.getLen()), 1));
      }
    }
    parts.addAll(numbered(cut, spark, hadoop));
    return parts;
  }

  private static List<Part> numbered(
      List<Part> cut, JavaSparkContext spark, Broadcast<SerializableConfiguration> hadoop) {
    if (cut.isEmpty()) {
      return List.of();
    }
    List<Long> lines =
        spark
            .parallelize(cut, cut.size())
            .map(part -> linesThatBegin(part, hadoop.value().value()))
            .collect();
    List<Part> numbered = new ArrayList<>();
    long line = 1;
    for (int i = 0; i < cut.size(); i++) {
      line = cut.get(i).start() == 0 ? 1 : line;
      numbered.add(cut.get(i).withFirstLine(line));
      line += lines.get(i);
    }
    return numbered;
  }

  /** A line begins at 0 and after every line end: count the ends one byte to the left. */
  private static long linesThatBegin(Part part, Configuration hadoop) {
    Path path = new Path(part.uri());
    try (FSDataInputStream in = path.getFileSystem(hadoop).open(path)) {
      long from = Math.max(0, part.start() - 1);
      in.seek(from);
      long left = part.end() - 1 - from;
      long lines = part.start() == 0 ? 1 : 0;
      byte[] buffer = new byte[1 << 16];
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read < 0) {
          break;
        }
        for (int i = 0; i < read; i++) {
          lines += buffer[i] == '\n' ? 1 : 0;
        }
        left -= read;
      }
      return lines;
    } catch (IOException e) {
      throw unreadable(part.uri(), e);
    }
  }

  /** Opens a part for reading; compressed files are decompressed by their name's ending. */
  static LineReader open(Part part, int maxRowBytes, int maxExpansion, Configuration hadoop) {
    try {
      if (part.start() > 0) {
        FSDataInputStream in = plain(part.uri(), part.start() - 1, hadoop);
        return LineReader.ofPart(in, maxRowBytes, part.start(), part.firstLine());
      }
      return LineReader.ofFile(whole(part.uri(), maxExpansion, hadoop), maxRowBytes);
    } catch (IOException | RuntimeException e) { // Hadoop takes a colon in a name for the latter
      throw unreadable(part.uri(), e);
    }
  }

  /** A file from its head, decompressed by its name's ending. */
  static InputStream whole(String uri, int maxExpansion, Configuration hadoop) throws IOException {
    FSDataInputStream in = plain(uri, 0, hadoop);
    Optional<CompressionCodec> codec = codec(new Path(uri), new CompressionCodecFactory(hadoop));
    return codec.isEmpty()
        ? in
        : Expansion.limited(decompressed(codec.get(), in), in, maxExpansion);
  }

  /** The bytes of a file as they are stored, from {@code position} on. */
  static FSDataInputStream plain(String uri, long position, Configuration hadoop)
      throws IOException {
    Path path = new Path(uri);
    FSDataInputStream in = path.getFileSystem(hadoop).open(path);
    in.seek(position);
    return in;
  }

  /** Whether a file's name says that it is compressed. */
  static boolean isCompressed(String uri, Configuration hadoop) {
    return codec(new Path(uri), new CompressionCodecFactory(hadoop)).isPresent();
  }

  /**
   * What decompresses a file, told by its name; nothing where it is plain.
   *
   * @throws InputException when Hadoop's codec for it is one that allocates whatever the file says
   */
  private static Optional<CompressionCodec> codec(Path path, CompressionCodecFactory codecs) {
    CompressionCodec codec = codecs.getCodec(path);
    if (codec != null && !(codec instanceof GzipCodec) && !(codec instanceof BZip2Codec)) {
      throw new InputException(
          path + ": of compressed files .gz and .bz2 are read; compress it as one of them");
    }
    return Optional.ofNullable(codec);
  }

  /** Hadoop's own reader takes a damaged head of bzip2 for the end of the file. */
  private static InputStream decompressed(CompressionCodec codec, InputStream in)
      throws IOException {
    return codec instanceof BZip2Codec
        ? new BZip2CompressorInputStream(in, true)
        : codec.createInputStream(in);
  }

  static InputException unreadable(String uri, Exception e) {
    return new InputException(
        "cannot read " + uri + " (" + e.getMessage() + "); replace the file or leave it out", e);
  }
}
