package io.recant.jobs.ingest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Setting;
import io.recant.core.error.InputException;
import io.recant.jobs.ingest.FileParts.Cutting;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * CSV after RFC 4180, UTF-8. A file is one task, however large: whether a line begins a record
 * depends on every quote before it. An empty field is no value.
 */
public final class CsvSource implements Source<CsvSource.Settings> {

  /** Settings. */
  public record Settings(
      @Setting("File, folder or pattern on any Hadoop filesystem; .gz and .bz2 are decompressed")
          String path,
      @Setting(value = "What separates fields; \\t for a tab", defaultValue = "','")
          String delimiter,
      @Setting(
              value = "The columns' names; when empty the first record of each file has them",
              defaultValue = "[]")
          List<String> header) {

    public Settings {
      if (!delimiter.equals("\\t") && (delimiter.length() != 1 || "\"\r\n".contains(delimiter))) {
        throw new IllegalArgumentException("delimiter: expected one character, or \\t");
      }
    }

    char separator() {
      return delimiter.equals("\\t") ? '\t' : delimiter.charAt(0);
    }
  }

  @Override
  public String name() {
    return "csv";
  }

  @Override
  public String summary() {
    return "CSV with quoted fields that may hold line ends, plain or compressed.";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Dataset<Row> read(Settings settings, SourceContext context) {
    int maxRowBytes = context.maxRowBytes();
    char separator = settings.separator();
    List<String> header = settings.header();
    return TextFiles.read(
        settings.path(),
        Cutting.NEVER,
        TextFiles.PART_BYTES,
        (uri, lines, end) -> {
          CsvRecords records = new CsvRecords(lines, separator, maxRowBytes);
          return new Records(uri, lines, records, named(header, records, uri), maxRowBytes);
        },
        context);
  }

  private static List<String> named(List<String> header, CsvRecords records, String uri)
      throws IOException {
    if (!header.isEmpty()) {
      return header;
    }
    CsvRecords.CsvRecord first = records.next();
    if (first == null) {
      return List.of();
    }
    if (first.rejection() != null) {
      throw new InputException(
          uri + ":" + first.number() + ": not a CSV header: " + first.rejection().reason());
    }
    if (new HashSet<>(first.fields()).size() < first.fields().size()) {
      throw new InputException(uri + ": two columns have one name in the header " + first.fields());
    }
    return first.fields();
  }

  private record Records(
      String uri, LineReader lines, CsvRecords records, List<String> header, int maxRowBytes)
      implements RowIterator.Reader {

    @Override
    public RawRow next() throws IOException {
      CsvRecords.CsvRecord record = records.next();
      if (record == null) {
        return null;
      }
      if (record.rejection() != null) {
        return RawRow.rejected(
            uri, record.number(), record.bytes(), maxRowBytes, record.rejection());
      }
      if (record.fields().size() != header.size()) {
        String reason = record.fields().size() + " fields where the header has " + header.size();
        return RawRow.rejected(
            uri,
            record.number(),
            record.bytes(),
            maxRowBytes,
            new Rejection(Rejection.MALFORMED, reason));
      }
      ObjectNode fields = JsonNodeFactory.instance.objectNode();
      for (int i = 0; i < header.size(); i++) {
        String value = record.fields().get(i);
        fields.put(header.get(i), value.isEmpty() ? null : value);
      }
      return RawRow.of(uri, record.number(), fields.toString(), record.bytes());
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}
