package io.recant.jobs.decide;

import static org.apache.spark.sql.functions.array_sort;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_set;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.struct;

import io.recant.core.table.Table;
import io.recant.spark.step.StepContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The judged samples of a corpus, apart: those that are known to be bad, and the others.
 *
 * @param rows the known ones, with {@code known_by}, who says so
 * @param others the samples nobody knows to be bad
 * @param count how many are known
 * @param suggestions {@code sample_id, suggested_target} where a detector suggests another than
 *     they have
 */
record KnownSamples(Dataset<Row> rows, Dataset<Row> others, long count, Dataset<Row> suggestions) {

  static KnownSamples of(StepContext context, String corpus, Dataset<Row> judged) {
    Dataset<Row> known =
        context
            .read(Table.KNOWN_BAD)
            .where(col("corpus").equalTo(corpus))
            .groupBy("sample_id")
            .agg(concat_ws(", ", array_sort(collect_set("known_by"))).as("known_by"));
    Dataset<Row> rows = judged.join(known, "sample_id");
    long count = rows.count();
    context.measure(corpus + ".known_bad", count);
    if (count > 0) {
      context
          .progress()
          .note(corpus + ": " + count + " judged samples are known to be bad and are forgotten");
    }
    Dataset<Row> suggestions =
        context
            .read(Table.FINDINGS)
            .where(col("corpus").equalTo(corpus))
            .join(rows.select("sample_id", "target"), "sample_id")
            .where(col("suggested_target").notEqual(col("target")))
            .groupBy("sample_id")
            // Of equally sure ones the last by name of the detector, whatever order rows come in.
            .agg(
                max_by(col("suggested_target"), struct(col("score"), col("detector")))
                    .as("suggested_target"));
    return new KnownSamples(
        rows,
        count == 0
            ? judged
            : judged.join(known.select("sample_id"), new String[] {"sample_id"}, "left_anti"),
        count,
        suggestions);
  }

  /** The rows of {@code decisions} for the known ones. */
  Dataset<Row> decisions() {
    return Verdicts.unweighed(
            rows, lit("forget"), concat(lit("known to be bad: "), col("known_by")))
        .drop("suggested_target")
        .withColumn("p_bad", lit(1.0))
        .join(suggestions, new String[] {"sample_id"}, "left");
  }
}
