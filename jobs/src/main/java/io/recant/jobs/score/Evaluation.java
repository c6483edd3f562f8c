package io.recant.jobs.score;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.recant.core.table.Table;
import io.recant.spark.step.StepContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/** The rows models are scored on, with the truth about them. */
final class Evaluation {

  private static final Column KEY = col("corpus");

  private Evaluation() {}

  /** The rows of table {@code evaluation}, at most {@code maxRows} of each corpus and part. */
  static Dataset<Row> rows(StepContext context, ScoreConfig config) {
    Dataset<Row> samples = context.read(Table.SAMPLES);
    Dataset<Row> injections =
        context
            .read(Table.INJECTIONS)
            .select("corpus", "sample_id", "before", "after")
            .where("before is not null");
    Dataset<Row> affected = affectedTargets(samples, injections, config.affectedShare());
    Dataset<Row> test =
        part(samples.where("split = 'test'"), "test")
            .withColumn("false_target", lit(null).cast("string"))
            .join(broadcast(affected), asScala("corpus", "target"), "left")
            .withColumn(
                "domain", when(col("is_affected"), lit("affected")).otherwise(lit("elsewhere")))
            .drop("is_affected");
    Dataset<Row> corrupted =
        part(
                samples
                    .drop("target")
                    .join(injections, asScala("corpus", "sample_id"))
                    .withColumnRenamed("before", "target"),
                "corrupted",
                "after")
            .withColumnRenamed("after", "false_target")
            .withColumn("domain", lit(null).cast("string"));
    Dataset<Row> forgotten =
        kept(part(context.read(Table.FORGET).where("split = 'train'"), "forgotten"));
    Dataset<Row> retained =
        kept(
            part(
                context
                    .read(Table.RETAIN)
                    .where("split = 'train'")
                    .join(injections, asScala("corpus", "sample_id"), "left_anti"),
                "retained"));
    Dataset<Row> all = test.unionByName(corrupted).unionByName(forgotten).unionByName(retained);
    Dataset<Row> vectors =
        context
            .read(Table.EMBEDDINGS)
            .where("field = 'input'")
            .groupBy("corpus", "sample_id")
            .agg(org.apache.spark.sql.functions.max_by(col("vector"), col("model")).as("vector"));
    return drawn(all, config.maxRows()).join(vectors, asScala("corpus", "sample_id"), "left");
  }

  /** Targets of which at least that share of the train rows was damaged. */
  private static Dataset<Row> affectedTargets(
      Dataset<Row> samples, Dataset<Row> injections, double share) {
    return samples
        .where("split = 'train' and task = 'classification'")
        .join(
            injections.select("corpus", "sample_id", "after"),
            asScala("corpus", "sample_id"),
            "left")
        .groupBy("corpus", "target")
        .agg(avg(when(col("after").isNotNull(), 1.0).otherwise(0.0)).as("share"))
        .where(col("share").geq(share))
        .select(KEY, col("target"), lit(true).as("is_affected"));
  }

  private static Dataset<Row> part(Dataset<Row> rows, String part, String... more) {
    Column[] columns = new Column[4 + more.length];
    columns[0] = KEY;
    columns[1] = col("sample_id");
    columns[2] = col("input");
    columns[3] = col("target");
    for (int i = 0; i < more.length; i++) {
      columns[4 + i] = col(more[i]);
    }
    return rows.select(columns).withColumn("part", lit(part));
  }

  private static Dataset<Row> kept(Dataset<Row> rows) {
    return rows.withColumn("false_target", lit(null).cast("string"))
        .withColumn("domain", lit(null).cast("string"));
  }

  private static Dataset<Row> drawn(Dataset<Row> rows, int most) {
    return rows.withColumn(
            "drawn",
            row_number()
                .over(
                    Window.partitionBy("corpus", "part")
                        .orderBy(xxhash64(coalesce(col("sample_id"), lit(""))), col("sample_id"))))
        .where(col("drawn").leq(most))
        .drop("drawn");
  }

  private static scala.collection.immutable.Seq<String> asScala(String... names) {
    return scala.jdk.javaapi.CollectionConverters.asScala(java.util.List.of(names)).toList();
  }
}
