package io.recant.jobs.features;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.collect_list;
import static org.apache.spark.sql.functions.struct;

import io.recant.core.label.OpinionPool;
import io.recant.core.table.Table;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.ModelRows;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.storage.StorageLevel;

/**
 * Several models' probabilities of one corpus as one ({@link OpinionPool}), with exponents learned
 * from the given labels of the train rows that every model predicted: all predictions are out of
 * sample, so no label vouches for itself. A row that some models did not predict gets the others',
 * their exponents scaled to the same sum.
 */
final class PooledPredictions {

  /** The name these predictions have in table {@code predictions}. */
  private static final int MOST_ROWS = 20_000;

  /** Probabilities the exponents are learned from, on the driver. */
  private static final int MOST_VALUES = 2_000_000;

  private PooledPredictions() {}

  /**
   * Rows of table {@code predictions}, kept until the caller unpersists them.
   *
   * @param samples the train rows of the corpus
   * @param all what every model predicts
   * @param models their names
   */
  static Dataset<Row> of(
      StepContext context,
      String corpus,
      Dataset<Row> samples,
      Dataset<Row> all,
      List<String> models) {
    Dataset<Row> joined =
        all.where("probabilities is not null")
            .groupBy("corpus", "shard", "sample_id")
            .agg(collect_list(struct(col("model"), col("probabilities"))).as("opinions"))
            .persist(StorageLevel.MEMORY_AND_DISK());
    OpinionPool pool =
        OpinionPool.fit(learned(context, corpus, samples, joined, models), models.size());
    for (int m = 0; m < models.size(); m++) {
      context.measure("pool." + corpus + "." + models.get(m), pool.exponents()[m]);
    }
    context.progress().note(corpus + ": joins the probabilities of " + String.join(", ", models));
    Dataset<Row> pooled =
        joined
            .map(
                (MapFunction<Row, Row>) row -> pooled(row, pool, models),
                Encoders.row(Schemas.of(Table.PREDICTIONS)))
            .persist(StorageLevel.MEMORY_AND_DISK());
    pooled.count();
    joined.unpersist();
    return pooled;
  }

  private record Keyed(long key, OpinionPool.Labelled row) {}

  private static List<OpinionPool.Labelled> learned(
      StepContext context,
      String corpus,
      Dataset<Row> samples,
      Dataset<Row> joined,
      List<String> models) {
    Dataset<Row> index =
        context
            .read(Table.CLASSES)
            .where(col("corpus").equalTo(corpus))
            .select(col("class_name").as("target"), col("class_index"));
    long classes = index.count();
    long most = Math.max(1, Math.min(MOST_ROWS, MOST_VALUES / models.size() / classes));
    Dataset<Row> labelled =
        samples
            .select("sample_id", "target")
            .join(index, "target")
            .join(joined.select("sample_id", "opinions"), "sample_id");
    double share = Math.min(1, most / Math.max(1.0, labelled.count()));
    long bound = share >= 1 ? Long.MAX_VALUE : (long) (share * Long.MAX_VALUE);
    List<Keyed> drawn = new ArrayList<>();
    for (Row row :
        labelled
            .select("sample_id", "class_index", "opinions")
            .filter(
                (org.apache.spark.api.java.function.FilterFunction<Row>)
                    row -> (Seeds.derive(0, row.getString(0)) & Long.MAX_VALUE) <= bound)
            .collectAsList()) {
      double[][] p = opinions(row.getList(2), models);
      if (Arrays.stream(p).allMatch(own -> own.length > 0)) {
        drawn.add(
            new Keyed(
                Seeds.derive(0, row.getString(0)), new OpinionPool.Labelled(row.getInt(1), p)));
      }
    }
    drawn.sort(Comparator.comparingLong(Keyed::key));
    return drawn.stream().map(Keyed::row).toList();
  }

  /** [model][class]; empty where a model says nothing. */
  private static double[][] opinions(List<Row> opinions, List<String> models) {
    double[][] p = new double[models.size()][0];
    for (Row opinion : opinions) {
      float[] values = Vectors.of(opinion, "probabilities");
      double[] own = new double[values.length];
      Arrays.setAll(own, k -> values[k]);
      p[models.indexOf(opinion.<String>getAs("model"))] = own;
    }
    return p;
  }

  private static Row pooled(Row row, OpinionPool pool, List<String> models) {
    double[] p = pool.joinThose(opinions(row.getList(3), models));
    float[] probabilities = new float[p.length];
    for (int k = 0; k < p.length; k++) {
      probabilities[k] = (float) p[k];
    }
    return RowFactory.create(
        row.getString(2),
        ModelRows.POOLED,
        -1,
        probabilities,
        null,
        null,
        null,
        null,
        null,
        row.getString(0),
        row.getInt(1));
  }
}
