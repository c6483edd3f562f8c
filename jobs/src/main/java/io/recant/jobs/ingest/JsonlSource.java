package io.recant.jobs.ingest;

import io.recant.core.config.Setting;
import io.recant.jobs.ingest.FileParts.Cutting;
import java.io.IOException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** JSON Lines: one object per line, UTF-8. Blank lines are no rows. Large files are cut. */
public final class JsonlSource implements Source<JsonlSource.Settings> {

  /** Settings. */
  public record Settings(
      @Setting("File, folder or pattern on any Hadoop filesystem; .gz and .bz2 are decompressed")
          String path) {}

  @Override
  public String name() {
    return "jsonl";
  }

  @Override
  public String summary() {
    return "JSON Lines: one object per line, plain or compressed.";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Dataset<Row> read(Settings settings, SourceContext context) {
    return read(settings.path(), TextFiles.PART_BYTES, context);
  }

  static Dataset<Row> read(String path, long partBytes, SourceContext context) {
    int maxRowBytes = context.maxRowBytes();
    return TextFiles.read(
        path,
        Cutting.AT_LINES,
        partBytes,
        (uri, lines, end) -> new Objects(uri, lines, end, maxRowBytes),
        context);
  }

  /** The lines of one part as rows; what is in an object is for {@link RowParser} to say. */
  private record Objects(String uri, LineReader lines, long end, int maxRowBytes)
      implements RowIterator.Reader {

    @Override
    public RawRow next() throws IOException {
      while (lines.position() < end) {
        LineReader.Line line = lines.next();
        if (line == null) {
          return null;
        }
        if (!line.isBlank()) {
          return row(line);
        }
      }
      return null;
    }

    private RawRow row(LineReader.Line line) {
      if (line.isCut()) {
        return RawRow.rejected(
            uri,
            line.number(),
            line.bytes(),
            maxRowBytes,
            Rejection.tooLong(line.length(), maxRowBytes));
      }
      String text = line.text();
      return text == null
          ? RawRow.rejected(uri, line.number(), line.bytes(), maxRowBytes, Rejection.brokenUtf8())
          : RawRow.of(uri, line.number(), text, null);
    }

    @Override
    public void close() throws IOException {
      lines.close();
    }
  }
}
