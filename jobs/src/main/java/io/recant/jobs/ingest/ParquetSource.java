package io.recant.jobs.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import io.recant.core.config.Setting;
import java.util.Arrays;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Parquet, read by Spark; every column type that has a form in JSON. A row's number is its 1-based
 * place in its file. All files must have one schema.
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
    String[] files =
        InputFiles.list(
                settings.path(),
                context.corpus(),
                context.spark().sparkContext().hadoopConfiguration())
            .stream()
            .map(FileStatus::getPath)
            .map(Object::toString)
            .toArray(String[]::new);
    Dataset<Row> rows = context.spark().read().parquet(files);
    Column[] columns =
        Arrays.stream(rows.columns())
            .map(name -> col("`" + name.replace("`", "``") + "`"))
            .toArray(Column[]::new);
    return rows.select(
        col("_metadata.file_path").as("source_uri"),
        col("_metadata.row_index").plus(1).as("source_row"),
        to_json(struct(columns)).as("fields"),
        lit(null).cast("binary").as("raw"),
        lit(null).cast("string").as("code"),
        lit(null).cast("string").as("reason"));
  }
}
