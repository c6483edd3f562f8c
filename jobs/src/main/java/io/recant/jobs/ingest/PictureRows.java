package io.recant.jobs.ingest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.util.List;

/**
 * Makes rows of picture files and of what their folders are called.
 *
 * @param classAt the folder that names the class, counted upwards from the file; 0 for none
 * @param splits names of folders that are splits
 * @param maxRowBytes the longest file that is a row, in bytes
 */
record PictureRows(int classAt, List<String> splits, int maxRowBytes) implements Serializable {

  /** As much of a file as tells whether it is too long. */
  int readAtMost() {
    return maxRowBytes + 1;
  }

  /**
   * A row.
   *
   * @param id the file's path with {@code /} between its parts
   * @param bytes the file, or its first {@link #readAtMost} bytes
   * @param length how long the file is said to be, in bytes
   */
  RawRow row(String uri, long number, String id, byte[] bytes, long length) {
    if (bytes.length > maxRowBytes) {
      return RawRow.rejected(
          uri, number, bytes, maxRowBytes, Rejection.tooLong(length, maxRowBytes));
    }
    if (bytes.length == 0) {
      return RawRow.rejected(
          uri, number, bytes, maxRowBytes, new Rejection(Rejection.WRONG_IMAGE, id + " is empty"));
    }
    ObjectNode fields = JsonNodeFactory.instance.objectNode().put("id", id);
    String[] parts = id.split("/");
    int split = splitAt(parts);
    int named = classAt == 0 ? -1 : parts.length - 1 - classAt;
    if (split >= 0) {
      fields.put("split", parts[split]);
    }
    if (named >= 0 && named != split && !ImagesSource.isZip(parts[named])) {
      fields.put("target", parts[named]);
    }
    return RawRow.of(uri, number, fields.put("image", bytes).toString(), bytes);
  }

  private int splitAt(String[] parts) {
    for (int i = 0; i < parts.length - 1; i++) {
      if (splits.contains(parts[i])) {
        return i;
      }
    }
    return -1;
  }
}
