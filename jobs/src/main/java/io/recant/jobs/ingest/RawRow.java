package io.recant.jobs.ingest;

import io.recant.core.redact.Redaction;
import java.util.Arrays;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * One row of a source before anybody looked into it.
 *
 * @param sourceUri the file; its URI is kept without secrets
 * @param sourceRow the 1-based line or row in it
 * @param fields the row's values as the text of a JSON object; null when it could not be read
 * @param raw the row as it stood in the file, at most {@code max_row_bytes} of it; null when that
 *     is {@code fields} itself
 * @param rejection why it could not be read; null when it could
 */
public record RawRow(
    String sourceUri, long sourceRow, String fields, byte[] raw, Rejection rejection) {

  public RawRow {
    sourceUri = Redaction.uris(sourceUri);
  }

  /** The columns of a row as a dataset has it. */
  public static final StructType SCHEMA =
      StructType.fromDDL(
          "source_uri string not null, source_row bigint not null, fields string, raw binary,"
              + " code string, reason string");

  /** A row that could be read. */
  public static RawRow of(String sourceUri, long sourceRow, String fields, byte[] raw) {
    return new RawRow(sourceUri, sourceRow, fields, raw, null);
  }

  /** A row that could not be read; of {@code bytes} the first {@code maxRowBytes} are kept. */
  public static RawRow rejected(
      String sourceUri, long sourceRow, byte[] bytes, int maxRowBytes, Rejection rejection) {
    return new RawRow(sourceUri, sourceRow, null, cut(bytes, maxRowBytes), rejection);
  }

  static byte[] cut(byte[] bytes, int maxBytes) {
    return bytes.length <= maxBytes ? bytes : Arrays.copyOf(bytes, maxBytes);
  }

  static RawRow from(Row row) {
    Rejection rejection =
        row.isNullAt(4) ? null : new Rejection(row.getString(4), row.getString(5));
    return new RawRow(
        row.getString(0), row.getLong(1), row.getString(2), row.<byte[]>getAs(3), rejection);
  }

  Row toRow() {
    return RowFactory.create(
        sourceUri,
        sourceRow,
        fields,
        raw,
        rejection == null ? null : rejection.code(),
        rejection == null ? null : rejection.reason());
  }
}
