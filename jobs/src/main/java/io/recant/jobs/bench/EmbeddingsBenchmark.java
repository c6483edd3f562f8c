package io.recant.jobs.bench;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.lit;

import io.recant.core.config.Setting;
import io.recant.core.table.Table;
import io.recant.spark.run.RunDirectory;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Texts per second of step {@code features} when all it has to do is to embed, against a loop over
 * the bare ONNX runtime with the same model, texts and threads, in turns. Spark's side reads the
 * samples from Parquet and commits the vectors as Parquet; the loop has the texts in memory and
 * throws the vectors away.
 */
public final class EmbeddingsBenchmark implements Benchmark<EmbeddingsBenchmark.Settings> {

  private static final StructType TIMES =
      (StructType)
          DataType.fromDDL(
              "batch_size int, round int, texts bigint, spark_seconds double, runtime_seconds double,"
                  + " spark_per_second double, runtime_per_second double, ratio double");
  private static final int WARM_UP = 500;

  /** Settings of {@code embeddings}. */
  public record Settings(
      @Setting(
              value = "Dictionary definitions to embed",
              defaultValue = "20000",
              min = 1,
              max = 117000)
          long texts,
      @Setting(value = "How often each side is measured", defaultValue = "2", min = 1) int rounds,
      @Setting(value = "Texts computed together, one after the other", defaultValue = "[1, 32]")
          List<Integer> batchSizes) {}

  @Override
  public String name() {
    return "embeddings";
  }

  @Override
  public String summary() {
    return "Texts per second of embeddings in Spark, against the bare ONNX runtime.";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public void run(Settings settings, BenchContext context) {
    String path = texts(settings.texts(), context);
    List<String> texts =
        context.spark().read().parquet(path).select("input").as(Encoders.STRING()).collectAsList();
    int threads = context.spark().sparkContext().defaultParallelism();
    List<Row> times = new ArrayList<>();
    for (int batchSize : settings.batchSizes()) {
      // The first texts load the model; the runtime's one environment is DJL's to make.
      embedded(path, WARM_UP, batchSize, 0, context);
      try (BareRuntime runtime = new BareRuntime(threads, batchSize)) {
        runtime.embed(texts.subList(0, Math.min(WARM_UP, texts.size())));
        for (int round = 1; round <= settings.rounds(); round++) {
          double bare = context.seconds(() -> runtime.embed(texts));
          double spark = embedded(path, texts.size(), batchSize, round, context);
          times.add(
              RowFactory.create(
                  batchSize,
                  round,
                  (long) texts.size(),
                  spark,
                  bare,
                  texts.size() / spark,
                  texts.size() / bare,
                  bare / spark));
          context.table("embeddings", context.spark().createDataFrame(times, TIMES));
        }
      }
    }
  }

  /**
   * Definitions as a corpus that came with probabilities, so that nothing is trained on the
   * vectors.
   */
  private static String texts(long count, BenchContext context) {
    RunDirectory run =
        context.pipeline(
            """
            run: {id: definitions, seed: %d}
            steps: [ingest]
            ingest:
              corpora:
                - name: definitions
                  task: classification
                  source: {name: wordnet, form: supersense}
                  limit: %d
            """
                .formatted(context.seed(), count));
    String path = context.scratch().resolve("definitions.parquet").toString();
    RunTables.read(context.spark(), run, Table.SAMPLES)
        .selectExpr("sample_id as name", "input", "pmod(xxhash64(sample_id), 2) as target")
        .withColumn("probabilities", array(lit(0.5), lit(0.5)))
        .write()
        .parquet(path);
    return path;
  }

  private static double embedded(
      String path, int texts, int batchSize, int round, BenchContext context) {
    RunDirectory run =
        context.pipeline(
            """
            run: {id: batch-%1$d-round-%2$d, seed: %3$d}
            steps: [ingest, features]
            ingest:
              corpora:
                - name: definitions
                  task: classification
                  source: {name: parquet, path: %4$s}
                  columns: {id: name, probabilities: probabilities}
                  classes: ['0', '1']
                  limit: %5$d
            features:
              embed: always
              embedding: {batch_size: %1$d}
              canaries: {share: 0}
            """
                .formatted(batchSize, round, context.seed(), path, texts));
    return RunTables.seconds(run, "features");
  }
}
