package io.recant.jobs.ingest;

import io.recant.core.error.InputException;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * A file of pictures and the file of their labels. A head is a magic number, the lengths of all
 * dimensions, each of 32 bits, big-endian; the bytes follow.
 *
 * @param split the split of all their rows
 * @param images the file of pictures
 * @param labels the file of labels
 */
record IdxFiles(String split, String images, String labels) implements Serializable {

  /** Two zero bytes, unsigned bytes (8), three dimensions. */
  static final int IMAGES_MAGIC = 0x0803;

  /** One dimension. */
  static final int LABELS_MAGIC = 0x0801;

  static final int IMAGES_HEAD = 16;
  static final int LABELS_HEAD = 8;

  /**
   * Rows [from, to) of two files, both counted from 0.
   *
   * @param last whether nothing may follow them in the files
   */
  record Range(IdxFiles files, int height, int width, int from, int to, boolean last)
      implements Serializable {

    int imageBytes() {
      return height * width;
    }
  }

  /**
   * The same files by the names that hold anywhere.
   *
   * @throws InputException when their filesystem cannot be reached
   */
  IdxFiles qualified(Configuration hadoop) {
    return new IdxFiles(split, qualified(images, hadoop), qualified(labels, hadoop));
  }

  private static String qualified(String file, Configuration hadoop) {
    try {
      Path path = new Path(file);
      return path.getFileSystem(hadoop).makeQualified(path).toString();
    } catch (IOException | IllegalArgumentException e) {
      throw FileParts.unreadable(file, e);
    }
  }

  /**
   * Looks at the heads, and at the lengths of plain files, and cuts the rows into ranges of about
   * {@code rangeBytes} of pixels; into one where a file is compressed.
   *
   * @throws InputException when one of the files is not what it should be, they disagree, or a
   *     picture is longer than {@code maxRowBytes}
   */
  List<Range> ranges(long rangeBytes, int maxRowBytes, int maxExpansion, Configuration hadoop) {
    int[] pictures = head(images, IMAGES_MAGIC, 3, maxExpansion, hadoop);
    int rows = pictures[0];
    int named = head(labels, LABELS_MAGIC, 1, maxExpansion, hadoop)[0];
    if (rows != named) {
      throw new InputException(
          images + " says it has " + rows + " pictures, and " + labels + " " + named + " labels");
    }
    long bytes = (long) pictures[1] * pictures[2];
    if (rows > 0 && (bytes < 1 || bytes > maxRowBytes)) {
      throw new InputException(
          "%s: its pictures have %d x %d bytes; from 1 to max_row_bytes = %d are read"
              .formatted(images, pictures[1], pictures[2], maxRowBytes));
    }
    boolean cut =
        !FileParts.isCompressed(images, hadoop) && !FileParts.isCompressed(labels, hadoop);
    checkLength(images, IMAGES_HEAD + rows * bytes, hadoop);
    checkLength(labels, LABELS_HEAD + (long) rows, hadoop);
    long step = cut ? Math.max(1, rangeBytes / Math.max(1, bytes)) : Math.max(1, rows);
    List<Range> ranges = new ArrayList<>();
    for (long from = 0; from < Math.max(1, rows); from += step) {
      int to = (int) Math.min(rows, from + step);
      ranges.add(new Range(this, pictures[1], pictures[2], (int) from, to, to == rows));
    }
    return ranges;
  }

  private static int[] head(
      String file, int magic, int dimensions, int maxExpansion, Configuration hadoop) {
    try (DataInputStream in = new DataInputStream(FileParts.whole(file, maxExpansion, hadoop))) {
      int found = in.readInt();
      if (found != magic) {
        throw new InputException(
            "%s begins with %08x; an idx file of %s begins with %08x"
                .formatted(file, found, dimensions == 1 ? "labels" : "pictures", magic));
      }
      int[] lengths = new int[dimensions];
      for (int i = 0; i < dimensions; i++) {
        lengths[i] = in.readInt();
        if (lengths[i] < 0) {
          throw new InputException(file + ": its head states a length of " + lengths[i]);
        }
      }
      return lengths;
    } catch (EOFException e) {
      throw new InputException(file + " ends in its head, or is cut off", e);
    } catch (IOException | IllegalArgumentException e) {
      throw FileParts.unreadable(file, e);
    }
  }

  private static void checkLength(String file, long expected, Configuration hadoop) {
    if (FileParts.isCompressed(file, hadoop)) {
      return;
    }
    try {
      Path path = new Path(file);
      long length = path.getFileSystem(hadoop).getFileStatus(path).getLen();
      if (length != expected) {
        throw new InputException(
            "%s has %d bytes, by its head %d; it is cut off or something is appended"
                .formatted(file, length, expected));
      }
    } catch (IOException e) {
      throw FileParts.unreadable(file, e);
    }
  }
}
