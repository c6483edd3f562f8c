package io.recant.jobs.repair;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sort_array;
import static org.apache.spark.sql.functions.struct;

import io.recant.core.table.Table;
import io.recant.spark.step.StepContext;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The samples of forget and review of one corpus, and its canaries, with what is said of them. */
final class Candidates {

  private Candidates() {}

  /** Everything of one corpus. */
  static JavaRDD<Candidate> of(StepContext context, String corpus) {
    Dataset<Row> judged =
        of(context, Table.DECISIONS, corpus)
            .where("p_bad is not null")
            .select("sample_id", "shard", "p_bad", "action")
            .join(of(context, Table.SAMPLES, corpus).select("sample_id", "target"), "sample_id");
    Dataset<Row> rows =
        samples(judged).unionByName(canaries(of(context, Table.CANARIES, corpus), judged));
    Dataset<Row> opinions =
        opinions(of(context, Table.FINDINGS, corpus), "sample_id", false)
            .unionByName(opinions(of(context, Table.CANARY_FINDINGS, corpus), "canary_id", true))
            .groupBy("id", "canary")
            .agg(
                sort_array(collect_list(struct("detector", "suggested_target", "score")))
                    .as("opinions"));
    Dataset<Row> predicted = predicted(of(context, Table.PREDICTIONS, corpus), rows);
    return rows.join(opinions, new String[] {"id", "canary"}, "left")
        .join(predicted, new String[] {"sample_id"}, "left")
        .select("id", "shard", "canary", "given", "truth", "p_bad", "opinions", "predicted")
        .toJavaRDD()
        .map(Candidates::candidate);
  }

  private static Dataset<Row> of(StepContext context, Table table, String corpus) {
    return context.read(table).where(col("corpus").equalTo(corpus));
  }

  private static Dataset<Row> samples(Dataset<Row> judged) {
    return judged
        .where("action != 'retain'")
        .select(
            col("sample_id"),
            col("sample_id").as("id"),
            col("shard"),
            lit(false).as("canary"),
            col("target").as("given"),
            lit(null).cast("string").as("truth"),
            col("p_bad"));
  }

  private static Dataset<Row> canaries(Dataset<Row> canaries, Dataset<Row> judged) {
    return canaries
        .select(col("sample_id"), col("canary_id").as("id"), col("target").as("given"))
        .join(judged.withColumnRenamed("target", "truth"), "sample_id")
        .where("given != truth")
        .select(
            col("sample_id"),
            col("id"),
            col("shard"),
            lit(true).as("canary"),
            col("given"),
            col("truth"),
            col("p_bad"));
  }

  private static Dataset<Row> opinions(Dataset<Row> findings, String id, boolean canary) {
    return findings
        .where("suggested_target is not null")
        .select(
            col(id).as("id"),
            lit(canary).as("canary"),
            col("detector"),
            col("suggested_target"),
            col("score"));
  }

  private static Dataset<Row> predicted(Dataset<Row> predictions, Dataset<Row> rows) {
    return predictions
        .where("probabilities is not null")
        .join(rows.select("sample_id").distinct(), new String[] {"sample_id"}, "left_semi")
        .groupBy("sample_id")
        .agg(sort_array(collect_list(struct("model", "probabilities"))).as("predicted"));
  }

  private static Candidate candidate(Row row) {
    List<Candidate.Opinion> opinions = new ArrayList<>();
    if (!row.isNullAt(6)) {
      for (Row said : row.<Row>getList(6)) {
        opinions.add(
            new Candidate.Opinion(said.getString(0), said.getString(1), said.getDouble(2)));
      }
    }
    List<double[]> predicted = new ArrayList<>();
    if (!row.isNullAt(7)) {
      for (Row model : row.<Row>getList(7)) {
        predicted.add(model.<Float>getList(1).stream().mapToDouble(Float::doubleValue).toArray());
      }
    }
    return new Candidate(
        row.getString(0),
        row.getInt(1),
        row.getBoolean(2),
        row.getString(3),
        row.getString(4),
        row.getDouble(5),
        opinions,
        predicted);
  }
}
