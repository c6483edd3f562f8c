package io.recant.jobs.detect;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.md5;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.udf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Setting;
import io.recant.jobs.detect.DuplicateVote.Opinion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;

/**
 * Rows with the same input, or nearly the same, and another target: at most one of two can be
 * right. Inputs are the same when input, context and picture are, case and white space aside; texts
 * are nearly the same by {@link MinHash}, pictures and the like when the vectors that came with
 * them are equal, or nearer than {@code detect.neighbours.duplicate} of the median nearest
 * distance. The score is that of a {@link DuplicateVote}. Rows without a duplicate, or whose
 * duplicates all agree with them, get no finding.
 *
 * <p>A canary has the duplicates of the sample it is a copy of. That sample itself does not count:
 * it is a duplicate of every canary, which no real error has, and would give all of them away.
 *
 * <p>Equal inputs are gathered first, so a text that stands a hundred thousand times is one text
 * with counts. Of an input the eight most frequent targets count. Not for open questions ("write a
 * poem"), where different answers are all right.
 */
public final class DuplicateInput implements Detector<DuplicateInput.Settings> {

  private static final int MOST_TARGETS = 8;

  /** Settings of {@code duplicate-input}. */
  public record Settings(
      @Setting(
              value =
                  "Texts are nearly the same from this Jaccard similarity of their shingles on; at 1"
                      + " only equal ones are",
              defaultValue = "0.8",
              min = 0.3,
              max = 1)
          double similarity,
      @Setting(value = "Characters of a shingle", defaultValue = "5", min = 1, max = 50)
          int shingle,
      @Setting(
              value = "Hash functions of a signature; more find more selectively and take longer",
              defaultValue = "128",
              min = 16,
              max = 1024)
          int functions,
      @Setting(
              value = "A text is compared with so many texts that follow it in each bucket",
              defaultValue = "8",
              min = 1,
              max = 1000)
          int compared,
      @Setting(
              value = "How many duplicates the class base rates weigh as much as",
              defaultValue = "1",
              min = 0)
          double prior) {}

  @Override
  public String name() {
    return "duplicate-input";
  }

  @Override
  public String summary() {
    return "Rows whose input, or nearly the same, stands elsewhere with another target.";
  }

  @Override
  public String source() {
    return "Broder: On the resemblance and containment of documents, 1997";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean appliesTo(Candidates candidates) {
    return true;
  }

  @Override
  public Dataset<Row> detect(Settings settings, Candidates candidates) {
    boolean classes = candidates.task().equals(Candidates.CLASSIFICATION);
    Dataset<Row> keyed = keyed(candidates, classes).persist(StorageLevel.MEMORY_AND_DISK());
    candidates.releaseLater(keyed::unpersist);
    Dataset<Row> answers = answers(keyed).persist(StorageLevel.MEMORY_AND_DISK());
    candidates.releaseLater(answers::unpersist);
    Dataset<Row> near = near(settings, candidates, keyed);
    Dataset<Row> opinions =
        answers
            .select(col("key"), opinion(lit(1.0), true))
            .unionByName(
                near.withColumnRenamed("key", "asks")
                    .join(answers.withColumnRenamed("key", "other"), "other")
                    .select(col("asks").as("key"), opinion(col("similarity"), false)))
            .groupBy("key")
            .agg(collect_list("opinion").as("opinions"), sum("opinion.count").as("rows"))
            .where("rows > 1")
            .drop("rows");
    Map<String, Double> baseRates = classes ? baseRates(answers) : Map.of();
    double prior = settings.prior();
    return candidates
        .rows()
        .select(
            col("candidate_id"),
            col("shard"),
            col("canary"),
            col("sample_id"),
            col("target"),
            said(classes).as("said"))
        .join(keyed.select(col("sample_id"), col("key"), col("said").as("original")), "sample_id")
        .join(opinions, "key")
        .flatMap(
            (FlatMapFunction<Row, Row>) row -> finding(row, baseRates, prior),
            Encoders.row(Finding.SCHEMA));
  }

  /** {@code sample_id, target, said, key, content, pictured}: one key and content per input. */
  private static Dataset<Row> keyed(Candidates candidates, boolean classes) {
    Column text =
        normal(concat_ws("\n", col("input"), coalesce(col("context"), lit("")))).as("content");
    Dataset<Row> inputs =
        candidates.inputs().select(col("sample_id"), text, md5(col("image")).as("image"));
    return candidates
        .rows()
        .where("not canary")
        .select(col("sample_id"), col("target"), said(classes).as("said"))
        .join(inputs, "sample_id")
        .withColumn("key", md5(concat_ws("\n", col("image"), col("content")).cast("binary")))
        .withColumn("pictured", col("image").isNotNull())
        .drop("image");
  }

  private static Column normal(Column text) {
    return udf((UDF1<String, String>) NormalText::of, DataTypes.StringType).apply(text);
  }

  private static Column said(boolean classes) {
    return classes ? col("target") : normal(col("target"));
  }

  /** How many rows of a key have each of its most frequent targets. */
  private static Dataset<Row> answers(Dataset<Row> keyed) {
    WindowSpec frequent = Window.partitionBy("key").orderBy(col("count").desc(), col("said"));
    return keyed
        .groupBy("key", "said")
        .agg(
            min("target").as("target"),
            count(lit(1)).as("count"),
            min("sample_id").as("first"),
            max("sample_id").as("last"))
        .withColumn("rank", row_number().over(frequent))
        .where(col("rank").leq(MOST_TARGETS))
        .drop("rank");
  }

  /** {@code key, other, similarity}: inputs that are nearly the same, each way round. */
  private static Dataset<Row> near(Settings settings, Candidates candidates, Dataset<Row> keyed) {
    Dataset<Row> near = keyed.where("false").selectExpr("key", "key as other", "0d as similarity");
    Dataset<Row> given = candidates.givenVectors();
    if (!given.isEmpty()) {
      Dataset<Row> vectors =
          keyed
              .join(given, "sample_id")
              .where("exists(vector, x -> x != 0)")
              .groupBy("key")
              .agg(min("vector").as("content"));
      near =
          near.union(NearDuplicates.vectors(vectors, settings.compared()))
              .union(NearDuplicates.neighbours(keyed, candidates.neighbourhoods().found()));
    }
    if (settings.similarity() < 1) {
      Dataset<Row> texts =
          keyed
              .where("not pictured")
              .groupBy("key")
              .agg(min("content").as("content"))
              .persist(StorageLevel.MEMORY_AND_DISK());
      candidates.releaseLater(texts::unpersist);
      MinHash hash =
          MinHash.of(
              settings.similarity(),
              settings.shingle(),
              settings.functions(),
              candidates.seed("duplicate-input"));
      near =
          near.union(NearDuplicates.texts(texts, hash, settings.similarity(), settings.compared()));
    }
    return near.groupBy("key", "other").agg(max("similarity").as("similarity"));
  }

  private static Column opinion(Column similarity, boolean same) {
    return struct(
            similarity.as("similarity"),
            lit(same).as("same"),
            col("said"),
            col("target"),
            col("count"),
            col("first"),
            col("last"))
        .as("opinion");
  }

  private static Map<String, Double> baseRates(Dataset<Row> answers) {
    Map<String, Double> rates = new HashMap<>();
    double rows = 0;
    for (Row row : answers.groupBy("said").agg(sum("count")).collectAsList()) {
      rates.put(row.getString(0), (double) row.getLong(1));
      rows += row.getLong(1);
    }
    double all = rows;
    rates.replaceAll((target, count) -> count / all);
    return rates;
  }

  private static Iterator<Row> finding(Row row, Map<String, Double> baseRates, double prior) {
    List<Opinion> opinions = new ArrayList<>();
    for (Row said : row.<Row>getList(row.fieldIndex("opinions"))) {
      opinions.add(
          new Opinion(
              said.getDouble(0),
              said.getBoolean(1),
              said.getString(2),
              said.getString(3),
              said.getLong(4),
              said.getString(5),
              said.getString(6)));
    }
    Optional<DuplicateVote> vote =
        DuplicateVote.of(
            opinions,
            row.getAs("sample_id"),
            row.getAs("said"),
            row.getAs("original"),
            baseRates,
            prior);
    return vote.map(v -> finding(row, v)).stream().iterator();
  }

  private static Row finding(Row row, DuplicateVote vote) {
    Opinion rival = vote.rival();
    ObjectNode evidence = Finding.evidence();
    evidence.put("other", rival.first());
    evidence.put("other_target", rival.target());
    evidence.put("similarity", Finding.rounded(rival.similarity()));
    evidence.put("rows", vote.rows());
    evidence.put("for_given", Finding.rounded(vote.forGiven()));
    evidence.put("for_other", Finding.rounded(vote.forRival()));
    String target = row.getAs("target");
    String likeness =
        rival.same()
            ? "the same input"
            : String.format(Locale.ROOT, "nearly the same input (%.2f)", rival.similarity());
    return Finding.of(
        row.getAs("candidate_id"),
        row.<Integer>getAs("shard"),
        row.<Boolean>getAs("canary"),
        Finding.INCONSISTENT,
        vote.score(),
        vote.clear() ? rival.target() : null,
        String.format(
            Locale.ROOT,
            "%s has %s and says %s; given %s; of %d such rows %.1f speak for that and %.1f for this",
            rival.first(),
            likeness,
            Finding.quoted(rival.target()),
            Finding.quoted(target),
            vote.rows(),
            vote.forRival(),
            vote.forGiven()),
        evidence);
  }
}
