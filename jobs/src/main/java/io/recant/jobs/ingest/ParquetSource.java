package io.recant.jobs.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;

import io.recant.core.config.Setting;
import io.recant.core.error.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import org.apache.parquet.hadoop.ParquetInputFormat;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;

/**
 * Parquet, read by Spark; every column type that has a form in JSON. A row's number is its 1-based
 * place in its file. A column that some files lack has no value there; one that has another type in
 * another file, and a file that contradicts itself, are refused.
 */
public final class ParquetSource implements Source<ParquetSource.Settings> {

  /** Settings. */
  public record Settings(
      @Setting("File, folder or pattern on any Hadoop filesystem") String path) {}

  @Override
  public String name() {
    return "parquet";
  }

  @Override
  public String summary() {
    return "Parquet files, nested columns and vectors included.";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Dataset<Row> read(Settings settings, SourceContext context) {
    List<String> files =
        InputFiles.list(
                settings.path(),
                context.corpus(),
                context.spark().sparkContext().hadoopConfiguration())
            .stream()
            .map(file -> file.getPath().toString())
            .toList();
    ParquetStructure.check(
        files,
        context.maxExpansion(),
        JavaSparkContext.fromSparkContext(context.spark().sparkContext()));
    try {
      return rows(table(files, context), context.maxRowBytes());
    } catch (Exception e) { // Spark throws checked exceptions that Java does not know of
      throw new InputException(
          "corpus %s: the files of %s make no table (%s); their columns have to have one type each"
              .formatted(context.corpus(), settings.path(), e.getMessage()),
          e);
    }
  }

  private static Dataset<Row> table(List<String> files, SourceContext context) {
    return context
        .spark()
        .read()
        .option("mergeSchema", true)
        .option(ParquetInputFormat.PAGE_VERIFY_CHECKSUM_ENABLED, true)
        .parquet(files.stream().map(ParquetSource::asPattern).toArray(String[]::new));
  }

  /**
   * The pattern that matches this file alone: a name with a star is a name. Where Spark 4.1 is told
   * to take paths for no patterns, it reads every file once more for each that looks like one.
   */
  private static String asPattern(String path) {
    return path.replaceAll("[{}\\[\\]*?\\\\]", "\\\\$0");
  }

  private static Dataset<Row> rows(Dataset<Row> table, int maxRowBytes) {
    Column[] columns = columns(table, (column, field) -> column);
    Column bytes = lit(0L);
    Column utf8 = lit(true);
    for (int i = 0; i < columns.length; i++) {
      DataType type = table.schema().fields()[i].dataType();
      bytes = bytes.plus(TextColumns.bytes(columns[i], type));
      utf8 = utf8.and(TextColumns.areUtf8(columns[i], type));
    }
    Column tooLong = bytes.gt(maxRowBytes);
    Column broken = not(utf8);
    Column place = table.metadataColumn("_metadata");
    return table.select(
        place.getField("file_path").as("source_uri"),
        place.getField("row_index").plus(1).as("source_row"),
        when(not(tooLong.or(broken)), to_json(struct(columns))).as("fields"),
        when(tooLong, to_json(struct(columns(table, cutTo(maxRowBytes)))))
            .when(broken, to_json(struct(columns(table, ParquetSource::asBinary))))
            .cast("binary")
            .as("raw"),
        when(tooLong, Rejection.TOO_LONG).when(broken, Rejection.BROKEN_UTF8).as("code"),
        when(tooLong, format_string(Rejection.TOO_LONG_REASON, bytes, lit(maxRowBytes)))
            .when(broken, "a text is not UTF-8; in the raw bytes every text is in base64")
            .as("reason"));
  }

  private static Column[] columns(
      Dataset<Row> table, BiFunction<Column, StructField, Column> what) {
    return Arrays.stream(table.schema().fields())
        .map(
            field ->
                what.apply(col("`" + field.name().replace("`", "``") + "`"), field)
                    .as(field.name()))
        .toArray(Column[]::new);
  }

  private static Column asBinary(Column column, StructField field) {
    return column.cast(TextColumns.asBinary(field.dataType()));
  }

  private static BiFunction<Column, StructField, Column> cutTo(int bytes) {
    return (column, field) ->
        field.dataType() instanceof StringType || field.dataType() instanceof BinaryType
            ? column.substr(1, bytes)
            : column;
  }
}
