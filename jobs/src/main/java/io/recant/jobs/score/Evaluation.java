package io.recant.jobs.score;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_remove;
import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.recant.core.table.Table;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.MetaKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/** The rows models are scored on, with the truth about them. */
final class Evaluation {

  private static final Column KEY = col("corpus");

  /** What injectors say of rows that they add to show what the damage teaches. */
  private static final MetaKey FALSE_TARGET = new MetaKey("false_target");

  private static final Column NOTHING = array().cast("array<string>");

  private Evaluation() {}

  /** The rows of table {@code evaluation}, at most {@code maxRows} of each corpus and set. */
  static Dataset<Row> rows(StepContext context, ScoreConfig config) {
    // What a model is given is the damaged input, where the damage is in the input.
    Dataset<Row> samples = context.read(context.has(Table.DAMAGED) ? Table.DAMAGED : Table.SAMPLES);
    Dataset<Row> injections =
        context
            .read(Table.INJECTIONS)
            .select("corpus", "sample_id", "before", "after")
            .where("before is not null");
    Dataset<Row> affected = affectedTargets(samples, injections, config.affectedShare());
    Dataset<Row> test =
        part(samples.where("split = 'test'"), "test", lit(null).cast("string"), config)
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
            col("after"),
            config);
    Dataset<Row> forgotten =
        part(context.read(Table.FORGET).where("split = 'train'"), "forgotten", config);
    Dataset<Row> retained =
        part(
            context
                .read(Table.RETAIN)
                .where("split = 'train'")
                .join(injections, asScala("corpus", "sample_id"), "left_anti"),
            "retained",
            config);
    Dataset<Row> probes =
        part(samples.where("split not in ('train', 'test')"), "probe", FALSE_TARGET.value(), config)
            .withColumn("domain", when(col("false_target").isNotNull(), "affected"));
    Dataset<Row> all =
        test.unionByName(corrupted, true)
            .unionByName(forgotten, true)
            .unionByName(retained, true)
            .unionByName(probes, true);
    Dataset<Row> vectors =
        context
            .read(Table.EMBEDDINGS)
            .where("field = 'input'")
            .groupBy("corpus", "sample_id")
            .agg(org.apache.spark.sql.functions.max_by(col("vector"), col("model")).as("vector"));
    return drawn(all, config.maxRows()).join(vectors, asScala("corpus", "sample_id"), "left");
  }

  /** True targets of which at least that share of the train rows was damaged. */
  private static Dataset<Row> affectedTargets(
      Dataset<Row> samples, Dataset<Row> injections, double share) {
    return samples
        .where("split = 'train' and task = 'classification'")
        .join(
            injections.select("corpus", "sample_id", "before", "after"),
            asScala("corpus", "sample_id"),
            "left")
        .withColumn("target", coalesce(col("before"), col("target")))
        .groupBy("corpus", "target")
        .agg(avg(when(col("after").isNotNull(), 1.0).otherwise(0.0)).as("share"))
        .where(col("share").geq(share))
        .select(KEY, col("target"), lit(true).as("is_affected"));
  }

  private static Dataset<Row> part(Dataset<Row> rows, String part, ScoreConfig config) {
    return part(rows, part, lit(null).cast("string"), config);
  }

  /** The rows without their domain, which test rows alone have. */
  private static Dataset<Row> part(
      Dataset<Row> rows, String part, Column falseTarget, ScoreConfig config) {
    return rows.select(
        KEY,
        col("sample_id"),
        col("input"),
        col("target"),
        col("image"),
        falseTarget.as("false_target"),
        config
            .paraphrase()
            .map(key -> MetaKey.of(key).value())
            .orElse(lit(null).cast("string"))
            .as("paraphrase"),
        otherAnswers(config.alternatives()).as("alternatives"),
        otherAnswers(config.accepted()).as("accepted"),
        (part.equals("probe") ? col("split") : lit(part)).as("set"),
        lit(part).as("part"));
  }

  /** Answers of a row beside its target as one list; null where it has none. */
  private static Column otherAnswers(List<String> keys) {
    List<Column> lists = new ArrayList<>();
    for (String key : keys) {
      Column value = MetaKey.of(key).value();
      // A list is JSON in meta; anything else is one text.
      Column list = from_json(value, "array<string>", Map.of());
      lists.add(
          coalesce(
              when(value.startsWith("["), list), when(value.isNotNull(), array(value)), NOTHING));
    }
    if (lists.isEmpty()) {
      return lit(null).cast("array<string>");
    }
    Column others = array_remove(concat(lists.toArray(Column[]::new)), col("target"));
    return when(size(others).gt(0), others);
  }

  private static Dataset<Row> drawn(Dataset<Row> rows, int most) {
    return rows.withColumn(
            "drawn",
            row_number()
                .over(
                    Window.partitionBy("corpus", "part", "set")
                        .orderBy(xxhash64(coalesce(col("sample_id"), lit(""))), col("sample_id"))))
        .where(col("drawn").leq(most))
        .drop("drawn");
  }

  private static scala.collection.immutable.Seq<String> asScala(String... names) {
    return scala.jdk.javaapi.CollectionConverters.asScala(List.of(names)).toList();
  }
}
