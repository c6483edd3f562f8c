package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.recant.core.config.Strategy;
import io.recant.core.error.ConfigException;
import io.recant.core.registry.Configured;
import io.recant.core.table.Table;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * Puts errors into corpora on purpose, so that a benchmark knows the truth. Only train rows are
 * damaged.
 */
public final class InjectStep implements Step<InjectConfig> {

  @Override
  public String name() {
    return "inject";
  }

  @Override
  public String summary() {
    return "Puts errors into corpora on purpose and keeps the truth; for benchmarks.";
  }

  @Override
  public Class<InjectConfig> settings() {
    return InjectConfig.class;
  }

  @Override
  public boolean readsOriginals() {
    return true;
  }

  @Override
  public Set<Table> reads(InjectConfig config) {
    return Set.of(Table.SAMPLES);
  }

  @Override
  public Set<Table> writes(InjectConfig config) {
    return Set.of(Table.DAMAGED, Table.INJECTIONS);
  }

  @Override
  public void check(InjectConfig config) {
    config
        .corpora()
        .forEach(
            (corpus, injectors) ->
                injectors.forEach(i -> Injectors.load().configure(i, where(corpus))));
  }

  @Override
  public void run(InjectConfig config, StepContext context) {
    Dataset<Row> samples = context.read(Table.SAMPLES);
    List<String> corpora =
        samples
            .select("corpus")
            .distinct()
            .as(org.apache.spark.sql.Encoders.STRING())
            .collectAsList();
    Dataset<Row> injections =
        context.spark().createDataFrame(List.of(), Schemas.of(Table.INJECTIONS));
    List<Dataset<Row>> kept = new ArrayList<>();
    for (Map.Entry<String, List<Strategy>> entry : config.corpora().entrySet()) {
      if (!corpora.contains(entry.getKey())) {
        throw new ConfigException(
            where(entry.getKey())
                + ": there is no such corpus"
                + io.recant.core.config.Nearest.suggestion(entry.getKey(), corpora));
      }
      Dataset<Row> drawn =
          inject(context, entry.getKey(), entry.getValue(), samples)
              .persist(StorageLevel.MEMORY_AND_DISK());
      kept.add(drawn);
      injections = injections.unionByName(drawn);
    }
    context.write(Table.INJECTIONS, injections);
    Dataset<Row> after = context.readBack(Table.INJECTIONS).select("corpus", "sample_id", "after");
    context.write(
        Table.DAMAGED,
        samples
            .join(
                after,
                scala.jdk.javaapi.CollectionConverters.asScala(List.of("corpus", "sample_id"))
                    .toList(),
                "left")
            .withColumn("target", coalesce(col("after"), col("target")))
            .drop("after"));
    kept.forEach(Dataset::unpersist);
  }

  private static Dataset<Row> inject(
      StepContext context, String corpus, List<Strategy> strategies, Dataset<Row> samples) {
    Dataset<Row> whole =
        samples
            .where(col("corpus").equalTo(corpus).and(col("split").equalTo("train")))
            .persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> left = whole;
    Dataset<Row> all = null;
    for (int i = 0; i < strategies.size(); i++) {
      Configured<Injector<?>> injector =
          Injectors.load().configure(strategies.get(i), where(corpus));
      long seed =
          Seeds.derive(context.seed(), "inject/" + corpus + "/" + i + "/" + injector.name());
      Dataset<Row> drawn =
          draw(injector.extension(), injector, left, seed).persist(StorageLevel.MEMORY_AND_DISK());
      Dataset<Row> rows =
          drawn
              .join(whole.select("sample_id", "target", "corpus", "shard"), "sample_id")
              .select(
                  col("sample_id"),
                  lit(injector.name()).as("injector"),
                  lit("target").as("field"),
                  col("target").as("before"),
                  col("after"),
                  lit(seed).as("seed"),
                  col("corpus"),
                  col("shard"));
      all = all == null ? rows : all.unionByName(rows);
      left =
          left.join(
              drawn.select("sample_id"),
              scala.jdk.javaapi.CollectionConverters.asScala(List.of("sample_id")).toList(),
              "left_anti");
      context
          .progress()
          .note(corpus + ": " + drawn.count() + " rows damaged by " + injector.name());
    }
    return all == null
        ? context.spark().createDataFrame(List.of(), Schemas.of(Table.INJECTIONS))
        : all;
  }

  private static <S extends Record> Dataset<Row> draw(
      Injector<S> injector, Configured<?> configured, Dataset<Row> rows, long seed) {
    return injector.draw(configured.settingsAs(injector.settings()), rows, seed);
  }

  private static String where(String corpus) {
    return "inject.corpora." + corpus;
  }
}
