package io.recant.jobs.ingest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.InputException;
import io.recant.jobs.ingest.IdxFiles.Range;
import io.recant.ml.data.Image;
import io.recant.ml.data.PngEncoder;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/** The rows of one range of a pair of idx files, one after the other. */
final class IdxReader implements RowIterator.Reader {

  private final Range range;
  private final List<String> classes;
  private final InputStream images;
  private final InputStream labels;
  private int row;

  private IdxReader(Range range, List<String> classes, InputStream images, InputStream labels) {
    this.range = range;
    this.classes = classes;
    this.images = images;
    this.labels = labels;
    this.row = range.from();
  }

  /** Opens both files where the range begins. */
  static IdxReader open(Range range, List<String> classes, int maxExpansion, Configuration hadoop) {
    long image = IdxFiles.IMAGES_HEAD + (long) range.from() * range.imageBytes();
    long label = IdxFiles.LABELS_HEAD + (long) range.from();
    InputStream images = at(range.files().images(), image, maxExpansion, hadoop);
    try {
      return new IdxReader(
          range, classes, images, at(range.files().labels(), label, maxExpansion, hadoop));
    } catch (InputException e) {
      closeAfter(e, images);
      throw e;
    }
  }

  private static InputStream at(
      String file, long position, int maxExpansion, Configuration hadoop) {
    try {
      if (!FileParts.isCompressed(file, hadoop)) {
        return new BufferedInputStream(FileParts.plain(file, position, hadoop));
      }
      InputStream in = new BufferedInputStream(FileParts.whole(file, maxExpansion, hadoop));
      in.skipNBytes(position);
      return in;
    } catch (IOException | RuntimeException e) { // decompressors throw both at damaged files
      throw FileParts.unreadable(file, e);
    }
  }

  private static void closeAfter(InputException failure, InputStream in) {
    try {
      in.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  @Override
  public RawRow next() {
    if (row == range.to()) {
      if (range.last()) {
        checkEnd(images, range.files().images());
        checkEnd(labels, range.files().labels());
      }
      return null;
    }
    byte[] pixels = take(images, range.imageBytes(), range.files().images());
    int label = take(labels, 1, range.files().labels())[0] & 0xFF;
    return row(row++, pixels, label);
  }

  private RawRow row(int index, byte[] pixels, int label) {
    String uri = range.files().images();
    if (!classes.isEmpty() && label >= classes.size()) {
      return RawRow.rejected(
          uri,
          index + 1L,
          pixels,
          pixels.length,
          new Rejection(
              Rejection.UNKNOWN_CLASS,
              "label " + label + " has no name; there are " + classes.size() + " classes"));
    }
    ObjectNode fields =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", range.files().split() + "/" + index)
            .put("split", range.files().split())
            .put("target", classes.isEmpty() ? Integer.toString(label) : classes.get(label))
            .put("image", PngEncoder.encode(new Image(range.height(), range.width(), 1, pixels)));
    return RawRow.of(uri, index + 1L, fields.toString(), pixels);
  }

  private byte[] take(InputStream in, int length, String file) {
    try {
      byte[] bytes = in.readNBytes(length);
      if (bytes.length < length) {
        throw new EOFException("it ends in row " + (row + 1) + ", before its head says so");
      }
      return bytes;
    } catch (IOException | RuntimeException e) { // decompressors throw both at damaged files
      throw FileParts.unreadable(file, e);
    }
  }

  /** The end of a compressed file is also where its checksum is compared. */
  private static void checkEnd(InputStream in, String file) {
    try {
      if (in.read() >= 0) {
        throw new IOException("it goes on after the rows that its head states");
      }
    } catch (IOException | RuntimeException e) { // decompressors throw both at damaged files
      throw FileParts.unreadable(file, e);
    }
  }

  @Override
  public void close() throws IOException {
    try (images;
        labels) {
      // Both are closed, also where one of them cannot be.
    }
  }
}
