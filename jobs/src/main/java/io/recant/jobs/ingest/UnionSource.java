package io.recant.jobs.ingest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Setting;
import io.recant.core.config.Strategy;
import io.recant.core.error.ConfigException;
import io.recant.core.registry.Configured;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/**
 * Several sources as one corpus, the rows of each with columns of its own beside what they say: so
 * a forget set and a retain set that are files of their own become one corpus whose rows say which
 * of the two they are.
 */
public final class UnionSource implements Source<UnionSource.Settings> {

  /** Settings. */
  public record Settings(@Setting("The sources, in order") List<Part> parts) {}

  /** One of the sources. */
  public record Part(
      @Setting("Where its rows come from; see 'recant list sources'") Strategy source,
      @Setting(
              value = "Columns that every row of it gets: a name and a text each",
              defaultValue = "{}")
          Map<String, String> add) {

    Configured<Source<?>> configured() {
      return Sources.load().configure(source, "parts." + source.name());
    }
  }

  @Override
  public String name() {
    return "union";
  }

  @Override
  public String summary() {
    return "Several sources as one corpus, each with columns of its own added: a forget file, a retain file, probes.";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public void check(Settings settings) {
    if (settings.parts().isEmpty()) {
      throw new ConfigException("union: parts: there has to be one");
    }
    settings.parts().forEach(Part::configured);
  }

  @Override
  public Dataset<Row> read(Settings settings, SourceContext context) {
    return settings.parts().stream()
        .map(part -> added(read(part.configured(), context), part.add()))
        .reduce(Dataset::union)
        .orElseThrow();
  }

  private static Dataset<Row> read(Configured<Source<?>> part, SourceContext context) {
    return read(part.extension(), part.settings(), context);
  }

  private static <S extends Record> Dataset<Row> read(
      Source<S> source, Record settings, SourceContext context) {
    return source.read(source.settings().cast(settings), context);
  }

  private static Dataset<Row> added(Dataset<Row> rows, Map<String, String> columns) {
    if (columns.isEmpty()) {
      return rows;
    }
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    columns.forEach(object::put);
    String added = object.toString();
    return rows.map(
        (MapFunction<Row, Row>) row -> withColumns(RawRow.from(row), added).toRow(),
        Encoders.row(RawRow.SCHEMA));
  }

  /**
   * The text of the columns is put into the text of the row, which nobody has looked into yet: a
   * row that is no object, or has such a column already, is rejected where all such rows are.
   */
  static RawRow withColumns(RawRow row, String added) {
    String fields = row.fields();
    if (fields == null || !fields.stripLeading().startsWith("{")) {
      return row;
    }
    byte[] raw = row.raw() == null ? fields.getBytes(StandardCharsets.UTF_8) : row.raw();
    String rest = fields.stripLeading().substring(1);
    String separator = rest.stripLeading().startsWith("}") ? "" : ",";
    String joined = added.substring(0, added.length() - 1) + separator + rest;
    return new RawRow(row.sourceUri(), row.sourceRow(), joined, raw, row.rejection());
  }
}
