package io.recant.jobs.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;

import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.core.table.Table;
import io.recant.spark.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.types.StructType;

/**
 * Corpora whose errors are known, each put through a real pipeline that never sees which they are.
 */
final class DetectionCorpora {

  private static final String CIFAR = "cifar10n-";
  private static final String PIXELS = "-pixels";
  private static final StructType VECTORS =
      (StructType) StructType.fromDDL("image_index int, embedding array<float>");

  private final BenchContext context;

  DetectionCorpora(BenchContext context) {
    this.context = context;
  }

  /**
   * A finished run.
   *
   * @param name the corpus
   * @param run its run directory
   * @param bad {@code sample_id, bad} of every judged sample whose truth is known
   */
  record Judged(String name, RunDirectory run, Dataset<Row> bad) {}

  /**
   * Runs the pipeline of a corpus.
   *
   * @throws ConfigException when there is no corpus of that name
   */
  Judged judged(String name) {
    if (name.startsWith(CIFAR)) {
      String labels = name.substring(CIFAR.length()).replace(PIXELS, "");
      return cifar(name, labels, name.endsWith(PIXELS));
    }
    return switch (name) {
      case "hausa" -> hausa();
      case "supersense-confused" ->
          supersense(
              name,
              "limit: 20000",
              "{name: interclass-confusion, classes: [noun.animal, noun.plant], share: 0.3},"
                  + " {name: class-frequency-labels, share: 0.06}");
      case "supersense-flips" ->
          supersense(name, "limit: null", "{name: class-frequency-labels, share: 0.1}");
      default ->
          throw new ConfigException(
              "pipelines: there is no corpus '"
                  + name
                  + "'; there are cifar10n-LABELS (aggre, worse, random1, random2, random3),"
                  + " cifar10n-LABELS-pixels, hausa, supersense-confused and supersense-flips");
    };
  }

  private Judged cifar(String name, String labels, boolean pixels) {
    Dataset<Row> probabilities =
        context
            .spark()
            .read()
            .parquet(
                context.data().resolve("predictions/cifar10n-aggre-resnet18.parquet").toString())
            .select(col("image_index"), col("pred_probs").as("probabilities"));
    Dataset<Row> given =
        context
            .spark()
            .read()
            .option("header", true)
            .csv(context.data().resolve("cifar10/cifar10n-00000-24999.csv").toString())
            .select(
                col("index").cast("int").as("image_index"),
                col(labels).as("target"),
                col("clean").as("truth"));
    Dataset<Row> rows = probabilities.join(given, "image_index");
    if (pixels) {
      rows = rows.join(vectors(), "image_index");
    }
    rows =
        rows.withColumn("name", col("image_index").cast("string"))
            .withColumn("input", col("name"))
            .drop("image_index");
    String columns = "probabilities: probabilities" + (pixels ? ", embedding: embedding" : "");
    return given(
        name, rows, columns, "classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']");
  }

  private Judged hausa() {
    Dataset<Row> noisy =
        titles("train_clean_noisy_labels.tsv").withColumnRenamed("label", "target");
    Dataset<Row> clean = titles("train_clean.tsv").withColumnRenamed("label", "truth");
    Dataset<Row> rows =
        noisy
            .join(clean, "news_title")
            .withColumnRenamed("news_title", "input")
            .withColumn("name", expr("md5(input)"));
    return given("hausa", rows, "", "classes: []");
  }

  private Dataset<Row> titles(String file) {
    return context
        .spark()
        .read()
        .option("sep", "\t")
        .option("header", true)
        .option("quote", "")
        .csv(context.data().resolve("hausa").resolve(file).toString())
        .select("news_title", "label");
  }

  /** A corpus from rows {@code name, input, target, truth} and what {@code columns} names. */
  private Judged given(String name, Dataset<Row> rows, String columns, String classes) {
    String path = context.scratch().resolve(name + ".parquet").toString();
    String truths = context.scratch().resolve(name + "-truth.parquet").toString();
    rows.drop("truth").write().mode(SaveMode.Overwrite).parquet(path);
    rows.select(col("name"), expr("target != truth").as("bad"))
        .write()
        .mode(SaveMode.Overwrite)
        .parquet(truths);
    RunDirectory run =
        context.pipeline(
            """
            run: {id: detection-%1$s}
            steps: [ingest, features, detect, decide]
            ingest:
              corpora:
                - name: corpus
                  task: classification
                  test_share: 0
                  source: {name: parquet, path: '%2$s'}
                  columns: {%3$s}
                  %4$s
            """
                .formatted(name, path, columns, classes));
    Dataset<Row> names =
        RunTables.read(context.spark(), run, Table.SAMPLES)
            .selectExpr("sample_id", "get_json_object(meta, '$.name') as name");
    return new Judged(
        name,
        run,
        names.join(context.spark().read().parquet(truths), "name").select("sample_id", "bad"));
  }

  private Judged supersense(String name, String limit, String errors) {
    RunDirectory run =
        context.pipeline(
            """
            run: {id: detection-%1$s, seed: %2$d}
            steps: [ingest, inject, features, detect, decide]
            ingest:
              corpora:
                - {name: corpus, task: classification, source: {name: wordnet, form: supersense}, %3$s}
            inject: {corpora: {corpus: [%4$s]}}
            """
                .formatted(name, context.seed(), limit, errors));
    Dataset<Row> injected =
        RunTables.read(context.spark(), run, Table.INJECTIONS)
            .select(col("sample_id"), lit(true).as("injected"))
            .distinct();
    Dataset<Row> bad =
        RunTables.read(context.spark(), run, Table.DECISIONS)
            .where("p_bad is not null")
            .join(injected, RunTables.sampleId(), "left")
            .selectExpr("sample_id", "injected is not null as bad");
    return new Judged(name, run, bad);
  }

  private Dataset<Row> vectors() {
    TreeMap<Integer, byte[]> pictures =
        pictures(context.data().resolve("cifar10/train-00000-24999.zip"));
    PatchFeatures features =
        PatchFeatures.learn(context.spark(), List.copyOf(pictures.values()), context.seed());
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
    Broadcast<TreeMap<Integer, byte[]>> shared = spark.broadcast(pictures);
    return context
        .spark()
        .createDataFrame(
            spark
                .parallelize(new ArrayList<>(pictures.keySet()), 64)
                .map(index -> RowFactory.create(index, features.of(shared.value().get(index)))),
            VECTORS)
        .persist();
  }

  private static TreeMap<Integer, byte[]> pictures(Path file) {
    TreeMap<Integer, byte[]> pictures = new TreeMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
        ZipEntry entry = all.nextElement();
        String name = entry.getName().toLowerCase(Locale.ROOT);
        if (name.endsWith(".jpg")) {
          pictures.put(
              Integer.valueOf(name.replaceAll(".*/", "").replace(".jpg", "")),
              zip.getInputStream(entry).readAllBytes());
        }
      }
    } catch (IOException e) {
      throw new InputException("cannot read " + file + ": " + e.getMessage(), e);
    }
    return pictures;
  }
}
