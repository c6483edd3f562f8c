package io.recant.jobs.detect;

import static org.apache.spark.sql.functions.lit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** One detector's opinion of one candidate, as a row; what is in it is said in table findings. */
public final class Finding {

  /** Columns of a detector's answer. */
  public static final StructType SCHEMA =
      (StructType)
          DataType.fromDDL(
              "candidate_id string, shard int, canary boolean, kind string, score double,"
                  + " suggested_target string, span string, reason string, evidence string");

  /** The kind of a label that is wrong. */
  public static final String LABEL_ERROR = "label_error";

  /** The kind of a target that another row contradicts. */
  public static final String INCONSISTENT = "inconsistent_annotation";

  private static final int SHOWN = 80;

  private Finding() {}

  /** A finding without a span; {@code suggested} may be null. */
  static Row of(
      String candidateId,
      int shard,
      boolean canary,
      String kind,
      double score,
      String suggested,
      String reason,
      ObjectNode evidence) {
    return of(candidateId, shard, canary, kind, score, suggested, reason, evidence.toString());
  }

  /** The same with evidence as JSON text. */
  static Row of(
      String candidateId,
      int shard,
      boolean canary,
      String kind,
      double score,
      String suggested,
      String reason,
      String evidence) {
    return RowFactory.create(
        candidateId, shard, canary, kind, score, suggested, null, reason, evidence);
  }

  /** A finding about a part of the sample; {@code suggested} and {@code span} may be null. */
  static Row of(
      String candidateId,
      int shard,
      boolean canary,
      String kind,
      double score,
      String suggested,
      int[] span,
      String reason,
      ObjectNode evidence) {
    return RowFactory.create(
        candidateId,
        shard,
        canary,
        kind,
        score,
        suggested,
        span == null ? null : span[0] + ":" + span[1],
        reason,
        evidence.toString());
  }

  /** A text as reasons quote it: cut where it is long. */
  static String quoted(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN - 3) + "...";
  }

  /** Evidence to be filled in. */
  static ObjectNode evidence() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** A number as evidence and reasons show it: six places. */
  static double rounded(double number) {
    return Double.isFinite(number) ? Math.rint(number * 1e6) / 1e6 : number;
  }

  /**
   * A number as JSON, rounded to six places as {@link #rounded} does, without an exponent.
   *
   * @param number in [0, 1000]
   */
  static StringBuilder append(StringBuilder text, double number) {
    return fixed(text, (long) Math.rint(number * 1e6), 6, 1);
  }

  /** A probability as reasons show it: two places. */
  static StringBuilder appendShare(StringBuilder text, double share) {
    return fixed(text, (long) Math.floor(share * 100 + 0.5), 2, 2);
  }

  /** {@code units * 10^-places}, with zeros at the end only up to {@code least} places. */
  private static StringBuilder fixed(StringBuilder text, long units, int places, int least) {
    long scale = 1;
    for (int i = 0; i < places; i++) {
      scale *= 10;
    }
    text.append(units / scale).append('.');
    long left = units % scale;
    for (int place = 0; place < places && (place < least || left > 0); place++) {
      scale /= 10;
      text.append((char) ('0' + left / scale));
      left %= scale;
    }
    return text;
  }

  /** Findings about samples and about canaries, each computed only where it is asked for. */
  static Dataset<Row> table(SparkSession spark, JavaRDD<Row> samples, JavaRDD<Row> canaries) {
    return table(spark, samples)
        .withColumn("canary", lit(false))
        .unionByName(table(spark, canaries).withColumn("canary", lit(true)));
  }

  static Dataset<Row> table(SparkSession spark, JavaRDD<Row> rows) {
    return spark.createDataFrame(rows, SCHEMA);
  }
}
