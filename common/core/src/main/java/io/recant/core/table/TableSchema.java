package io.recant.core.table;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * One file of {@code data-schemas}: the only definition of a table's columns.
 *
 * @param table the name
 * @param doc what one row is
 * @param internal whether the table is Recant's own and not part of what a run delivers
 * @param partition the columns whose values are folder names
 * @param key the columns that name a row
 * @param columns every column, partition columns last
 */
public record TableSchema(
    String table,
    String doc,
    boolean internal,
    List<String> partition,
    List<String> key,
    List<Column> columns) {

  private static final ObjectMapper YAML =
      new ObjectMapper(new YAMLFactory()).enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /**
   * A column.
   *
   * @param name as people read it
   * @param type in Spark's DDL ({@code string}, {@code bigint}, {@code array<float>}, ...)
   * @param nullable whether a row may leave it out
   * @param isVolatile whether two equal runs may differ in it (a duration, a device); it is left
   *     out of content hashes
   * @param doc what it means, with unit and direction
   */
  public record Column(
      String name,
      String type,
      boolean nullable,
      @com.fasterxml.jackson.annotation.JsonProperty("volatile") boolean isVolatile,
      String doc) {}

  static TableSchema load(String table) {
    String resource = "/data-schemas/" + table + ".yaml";
    try (InputStream in = TableSchema.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("no " + resource + " on the class path");
      }
      return YAML.readValue(in, TableSchema.class);
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }
}
