package io.recant.jobs.ingest;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.first;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.when;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;

/**
 * Decides which rows are the same sample. "First" is always by file name, then row: it does not
 * depend on how the files are cut into partitions.
 */
final class Identity {

  private static final Column ACCEPTED = col("code").isNull();

  /** Rejected rows have no key; alone in their groups they do not gather in one task. */
  private static final Column GROUP =
      when(ACCEPTED, col("key")).otherwise(concat_ws(":", col("source_uri"), col("source_row")));

  private Identity() {}

  /**
   * Of rows with one own id the first is the sample and the others are duplicates. Rows without an
   * own id are samples each, also when their content is the same: the second, third, ... get a name
   * made of the content and their number.
   *
   * @param parsed rows with the columns of {@link ParsedRow#SCHEMA}
   * @return the same rows with {@code sample_id}, {@code answer} and {@code fate}
   */
  static Dataset<Row> ofRows(Dataset<Row> parsed) {
    WindowSpec sameKey = Window.partitionBy(col("group")).orderBy("source_uri", "source_row");
    Column again = col("nth").gt(1);
    Dataset<Row> numbered =
        parsed
            .withColumn("group", GROUP)
            .withColumn("nth", row_number().over(sameKey))
            .withColumn("first_place", firstPlace(sameKey));
    return reject(
            numbered,
            again.and(col("own_id")),
            Rejection.DUPLICATE_ID,
            concat_ws(" ", lit("the same id stands at"), col("first_place")))
        .withColumn(
            "sample_id",
            when(again, substring(sha2(concat_ws("/", col("key"), col("nth")), 256), 1, 32))
                .otherwise(col("key")))
        .withColumn("answer", col("target"))
        .withColumn("fate", fate(lit(true)))
        .drop("group", "nth", "first_place");
  }

  /**
   * Rows with one id are answers of several annotators to one sample: the sample is the first row,
   * its target what most answered (of equally many the smallest). A second answer of one annotator,
   * or an answer to another input or picture than the first row's, is rejected.
   *
   * @param parsed rows with the columns of {@link ParsedRow#SCHEMA}
   * @return the same rows with {@code sample_id}, {@code answer} and {@code fate}
   */
  static Dataset<Row> ofAnswers(Dataset<Row> parsed) {
    WindowSpec sameKey = Window.partitionBy(col("group")).orderBy("source_uri", "source_row");
    Dataset<Row> sameInput =
        reject(
            parsed
                .withColumn("group", GROUP)
                .withColumn("first_input", first(col("input")).over(sameKey))
                .withColumn("picture", sha2(col("image"), 256))
                .withColumn("first_picture", first(col("picture")).over(sameKey))
                .withColumn("first_place", firstPlace(sameKey)),
            col("input")
                .notEqual(col("first_input"))
                .or(not(col("picture").eqNullSafe(col("first_picture")))),
            Rejection.CONFLICTING_INPUT,
            concat_ws(" ", lit("the same id has another input at"), col("first_place")));
    Dataset<Row> answeredOnce =
        reject(
            sameInput.withColumn(
                "nth",
                row_number()
                    .over(
                        Window.partitionBy(col("group"), col("annotator"), ACCEPTED)
                            .orderBy("source_uri", "source_row"))),
            col("nth").gt(1),
            Rejection.DUPLICATE_ANNOTATION,
            lit("the annotator has answered this sample before"));
    return vote(answeredOnce.withColumn("group", GROUP), sameKey)
        .drop("group", "nth", "first_input", "picture", "first_picture", "first_place", "votes");
  }

  private static Dataset<Row> vote(Dataset<Row> rows, WindowSpec sameKey) {
    WindowSpec byVotes =
        Window.partitionBy(col("group")).orderBy(col("votes").desc(), col("answer").asc());
    return rows.withColumn("sample_id", col("key"))
        .withColumn("answer", col("target"))
        .withColumn("votes", count(lit(1)).over(Window.partitionBy(col("group"), col("answer"))))
        .withColumn("target", first(col("answer")).over(byVotes))
        // They are parts of the answer they came with.
        .withColumn("spans", when(col("target").equalTo(col("answer")), col("spans")))
        .withColumn("nth", row_number().over(sameKey))
        .withColumn("fate", fate(col("nth").equalTo(1)));
  }

  /** Marks accepted rows for which a condition holds as rejected. */
  static Dataset<Row> reject(Dataset<Row> rows, Column condition, String code, Column reason) {
    Column now = ACCEPTED.and(coalesce(condition, lit(false)));
    return rows.withColumn("reason", when(now, reason).otherwise(col("reason")))
        .withColumn("code", when(now, lit(code)).otherwise(col("code")));
  }

  private static Column firstPlace(WindowSpec sameKey) {
    return concat_ws(
        ":",
        first(col("source_uri")).over(sameKey),
        first(col("source_row")).over(sameKey).cast("string"));
  }

  private static Column fate(Column first) {
    return when(col("code").isNotNull(), Fate.QUARANTINED.key())
        .when(first, Fate.SAMPLE.key())
        .otherwise(Fate.MERGED.key());
  }
}
