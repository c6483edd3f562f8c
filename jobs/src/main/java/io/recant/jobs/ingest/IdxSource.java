package io.recant.jobs.ingest;

import io.recant.core.config.Setting;
import io.recant.core.error.ConfigException;
import io.recant.jobs.ingest.IdxFiles.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Pictures and labels as MNIST has them: a file of grey pictures of one size (idx3-ubyte) and a
 * file of as many labels (idx1-ubyte). A row has {@code image} (the picture as PNG, in base64),
 * {@code target} (the label), {@code split} and {@code id}, which is the split, {@code /} and the
 * picture's place, counted from 0 as users of these files do; {@code source_row} is one more.
 *
 * <p>Plain files are read in ranges of rows side by side; where one of the two is compressed, both
 * are read by one task.
 */
public final class IdxSource implements Source<IdxSource.Settings> {

  /** The pixels one task reads: about ten thousand pictures of MNIST. */
  private static final long RANGE_BYTES = 8L << 20;

  /** Settings. */
  public record Settings(
      @Setting("The files of each split: {train: {images: ..., labels: ...}, test: ...}")
          Map<String, Files> splits,
      @Setting(
              value =
                  "What the labels 0, 1, 2, ... are called; when empty the target is the number",
              defaultValue = "[]")
          List<String> classes) {}

  /** Two files that belong together. */
  public record Files(
      @Setting("The pictures: idx3-ubyte, on any Hadoop filesystem, plain, .gz or .bz2")
          String images,
      @Setting("The labels: idx1-ubyte, on any Hadoop filesystem, plain, .gz or .bz2")
          String labels) {}

  @Override
  public String name() {
    return "idx";
  }

  @Override
  public String summary() {
    return "Pictures and their labels in the files of MNIST (idx3-ubyte, idx1-ubyte), plain or compressed.";
  }

  @Override
  public String source() {
    return "LeCun, Cortes, Burges, The MNIST database of handwritten digits, 1998";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public void check(Settings settings) {
    if (settings.splits().isEmpty()) {
      throw new ConfigException("idx: splits: there has to be one, say train");
    }
  }

  @Override
  public Dataset<Row> read(Settings settings, SourceContext context) {
    return read(settings, RANGE_BYTES, context);
  }

  static Dataset<Row> read(Settings settings, long rangeBytes, SourceContext context) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
    Configuration conf = spark.hadoopConfiguration();
    List<Range> ranges = new ArrayList<>();
    settings
        .splits()
        .forEach(
            (split, files) ->
                ranges.addAll(
                    new IdxFiles(split, files.images(), files.labels())
                        .qualified(conf)
                        .ranges(rangeBytes, context.maxRowBytes(), context.maxExpansion(), conf)));
    Broadcast<SerializableConfiguration> hadoop =
        spark.broadcast(new SerializableConfiguration(conf));
    List<String> classes = List.copyOf(settings.classes());
    int maxExpansion = context.maxExpansion();
    JavaRDD<Row> rows =
        spark
            .parallelize(ranges, ranges.size())
            .flatMap(
                range ->
                    new RowIterator(
                        range.files().images(),
                        IdxReader.open(range, classes, maxExpansion, hadoop.value().value())));
    return context.spark().createDataFrame(rows, RawRow.SCHEMA);
  }
}
