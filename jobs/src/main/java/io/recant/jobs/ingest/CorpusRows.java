package io.recant.jobs.ingest;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.when;

import io.recant.core.error.InputException;
import io.recant.jobs.ingest.IngestConfig.Corpus;
import io.recant.jobs.ingest.IngestConfig.Task;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/** The parsed rows of one corpus, and the tables they become. */
final class CorpusRows {

  /** The name of vectors and probabilities that came with a corpus. */
  private static final String GIVEN = "given";

  private final Corpus corpus;
  private final Dataset<Row> parsed;
  private final Dataset<Row> judged;

  private CorpusRows(Corpus corpus, Dataset<Row> parsed, Dataset<Row> judged) {
    this.corpus = corpus;
    this.parsed = parsed;
    this.judged = judged;
  }

  /**
   * Finds what only shows across rows: repeated ids, vectors of a length that is not the corpus's.
   */
  static CorpusRows of(Corpus corpus, Dataset<Row> parsed) {
    int classes = corpus.classes().size();
    Integer probabilities =
        classes > 0 ? Integer.valueOf(classes) : usualLength(parsed, "probabilities");
    Integer embedding = usualLength(parsed, "embedding");
    Dataset<Row> lengths =
        refuse(
            refuse(
                parsed,
                wrongLength("probabilities", probabilities),
                "bad_probabilities",
                lengthReason("probabilities", probabilities)),
            wrongLength("embedding", embedding),
            "bad_embedding",
            lengthReason("embedding", embedding));
    // An annotator answers a sample once; without annotators a sample is one row.
    Column repeated =
        row_number()
            .over(
                Window.partitionBy(
                        coalesce(
                            col("sample_id"),
                            concat(col("source_uri"), lit("#"), col("source_row"))),
                        coalesce(col("annotator"), lit("")),
                        col("code").isNull())
                    .orderBy("source_uri", "source_row"))
            .gt(1);
    Column reason =
        when(
                col("own_id").isNotNull(),
                concat(
                    lit("the id '"), col("own_id"), lit("' was there before; the first row stays")))
            .otherwise(lit("the same input and target were there before, and the rows have no id"));
    Dataset<Row> judged =
        refuse(lengths.withColumn("repeated", repeated), col("repeated"), "duplicate_id", reason)
            .drop("repeated")
            .withColumn("answers", answers())
            .persist(StorageLevel.DISK_ONLY());
    return new CorpusRows(corpus, parsed, judged);
  }

  /** Among several annotators' rows of a sample: 1 for the one that stands for it. */
  private static Column answers() {
    return row_number()
        .over(
            Window.partitionBy(
                    coalesce(
                        col("sample_id"), concat(col("source_uri"), lit("#"), col("source_row"))),
                    col("code").isNull())
                .orderBy("source_uri", "source_row"));
  }

  Corpus corpus() {
    return corpus;
  }

  /** How many rows the source gave. */
  long read() {
    return parsed.count();
  }

  /** Rows that are further answers to a sample another row stands for. */
  long mergedAnswers() {
    return judged.where("code is null and answers > 1").count();
  }

  Dataset<Row> samples() {
    Dataset<Row> majority = majority();
    return good()
        .where("answers = 1")
        .join(
            majority,
            scala.jdk.javaapi.CollectionConverters.asScala(List.of("sample_id")).toList(),
            "left")
        .select(
            col("sample_id"),
            lit(corpus.task().name().toLowerCase(Locale.ROOT)).as("task"),
            col("input"),
            coalesce(col("majority"), col("target")).as("target"),
            col("context"),
            col("entity"),
            col("split"),
            lit(null).cast("binary").as("image"),
            lit(null).cast("array<string>").as("steps"),
            col("meta"),
            col("source_uri"),
            col("source_row"),
            lit(corpus.name()).as("corpus"),
            col("shard"));
  }

  /** The most frequent answer to each sample that has annotators; the first in order of several. */
  private Dataset<Row> majority() {
    return good()
        .where("annotator is not null")
        .groupBy("sample_id", "target")
        .agg(count(lit(1)).as("votes"))
        .withColumn(
            "rank",
            row_number()
                .over(Window.partitionBy("sample_id").orderBy(col("votes").desc(), col("target"))))
        .where("rank = 1")
        .select(col("sample_id"), col("target").as("majority"));
  }

  Dataset<Row> quarantine() {
    return judged
        .where("code is not null")
        .select(
            col("source_uri"),
            col("source_row"),
            col("raw"),
            col("code"),
            col("reason"),
            lit(corpus.name()).as("corpus"));
  }

  Dataset<Row> annotations() {
    return good()
        .where("annotator is not null")
        .select(
            col("sample_id"),
            col("annotator"),
            col("target").as("answer"),
            lit(corpus.name()).as("corpus"),
            col("shard"));
  }

  Dataset<Row> embeddings() {
    return good()
        .where("answers = 1 and embedding is not null")
        .select(
            col("sample_id"),
            lit(GIVEN).as("model"),
            lit("input").as("field"),
            col("embedding").as("vector"),
            lit(corpus.name()).as("corpus"),
            col("shard"));
  }

  Dataset<Row> predictions() {
    return good()
        .where("answers = 1 and probabilities is not null")
        .select(
            col("sample_id"),
            lit(GIVEN).as("model"),
            lit(-1).as("fold"),
            col("probabilities"),
            lit(null).cast("double").as("loss"),
            lit(null).cast("double").as("loss_unprompted"),
            lit(null).cast("int").as("tokens"),
            lit(null).cast("array<float>").as("epoch_probability"),
            lit(null).cast("array<float>").as("epoch_margin"),
            lit(corpus.name()).as("corpus"),
            col("shard"));
  }

  /** Rows of table {@code classes}: those the configuration states, else the targets there are. */
  Dataset<Row> classes() {
    StructType schema =
        (StructType) DataType.fromDDL("class_index int, class_name string, corpus string");
    if (corpus.task() != Task.CLASSIFICATION) {
      return counted(parsed.sparkSession().createDataFrame(List.of(), schema));
    }
    List<String> found =
        samples()
            .select("target")
            .distinct()
            .orderBy("target")
            .as(Encoders.STRING())
            .collectAsList();
    List<String> names = corpus.classes().isEmpty() ? found : corpus.classes();
    List<String> unknown = found.stream().filter(name -> !names.contains(name)).limit(5).toList();
    if (!unknown.isEmpty()) {
      throw new InputException(
          "corpus "
              + corpus.name()
              + ": the targets "
              + unknown
              + " are not among the classes the configuration states");
    }
    List<Row> rows =
        IntStream.range(0, names.size())
            .mapToObj(i -> RowFactory.create(i, names.get(i), corpus.name()))
            .toList();
    return counted(parsed.sparkSession().createDataFrame(rows, schema));
  }

  void unpersist() {
    judged.unpersist();
    parsed.unpersist();
  }

  private Dataset<Row> counted(Dataset<Row> classes) {
    Dataset<Row> rows =
        samples()
            .where("split = 'train'")
            .groupBy(col("target").as("class_name"))
            .agg(count(lit(1)).as("n"));
    return classes
        .join(
            rows,
            scala.jdk.javaapi.CollectionConverters.asScala(List.of("class_name")).toList(),
            "left")
        .select(
            col("class_index"),
            col("class_name"),
            coalesce(col("n"), lit(0L)).as("rows"),
            col("corpus"));
  }

  private Dataset<Row> good() {
    return judged.where("code is null");
  }

  /** The most frequent length of a vector column, null where no row has one. */
  private static Integer usualLength(Dataset<Row> rows, String column) {
    List<Row> lengths =
        rows.where(col(column).isNotNull())
            .groupBy(size(col(column)).as("length"))
            .agg(count(lit(1)).as("rows"))
            .orderBy(col("rows").desc(), col("length"))
            .limit(1)
            .collectAsList();
    return lengths.isEmpty() ? null : lengths.get(0).getInt(0);
  }

  private static Column wrongLength(String column, Integer length) {
    return length == null
        ? lit(false)
        : col(column).isNotNull().and(size(col(column)).notEqual(length));
  }

  private static Column lengthReason(String column, Integer length) {
    return concat(
        lit(column + " has "), size(col(column)), lit(" numbers; this corpus has " + length));
  }

  private static Dataset<Row> refuse(
      Dataset<Row> rows, Column condition, String code, Column reason) {
    Column now = col("code").isNull().and(condition);
    return rows.withColumn("reason", when(now, reason).otherwise(col("reason")))
        .withColumn("code", when(now, lit(code)).otherwise(col("code")));
  }
}
