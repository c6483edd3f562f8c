package io.recant.jobs.ingest;

import io.recant.jobs.ingest.FileParts.Cutting;
import io.recant.jobs.ingest.FileParts.Part;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;

/** Reads text files part by part, one row after the other. */
final class TextFiles {

  static final long PART_BYTES = 64L << 20;

  /** How the lines of a part become rows. */
  interface Format extends Serializable {

    /** A reader of the rows of a part; it owns {@code lines}. */
    RowIterator.Reader rows(String uri, LineReader lines, long end) throws IOException;
  }

  private TextFiles() {}

  /** The rows of every file of a path, with the columns of {@link RawRow#SCHEMA}. */
  static Dataset<Row> read(
      String path, Cutting cutting, long partBytes, Format format, SourceContext context) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
    Configuration conf = spark.hadoopConfiguration();
    List<FileStatus> files = InputFiles.list(path, context.corpus(), conf);
    Broadcast<SerializableConfiguration> hadoop =
        spark.broadcast(new SerializableConfiguration(conf));
    List<Part> parts = FileParts.of(files, cutting, partBytes, spark, hadoop);
    int maxRowBytes = context.maxRowBytes();
    int maxExpansion = context.maxExpansion();
    JavaRDD<Row> rows =
        spark
            .parallelize(parts, tasks(parts.size(), files, partBytes, spark))
            .flatMap(
                part ->
                    new RowIterator(
                        part.uri(),
                        format.rows(
                            part.uri(),
                            FileParts.open(part, maxRowBytes, maxExpansion, hadoop.value().value()),
                            part.end())));
    return context.spark().createDataFrame(rows, RawRow.SCHEMA);
  }

  /** One task per part, unless the parts are many and small. */
  static int tasks(int parts, List<FileStatus> files, long partBytes, JavaSparkContext spark) {
    long bytes = files.stream().mapToLong(FileStatus::getLen).sum();
    long enough = Math.max(4L * spark.defaultParallelism(), 2 * bytes / partBytes);
    return (int) Math.max(1, Math.min(parts, enough));
  }
}
