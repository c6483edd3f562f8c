package io.recant.jobs.detect;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.recant.core.error.ConfigException;
import io.recant.core.registry.Configured;
import io.recant.core.registry.Registry;
import io.recant.core.table.Table;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * Asks every detector about every sample and every canary. It cannot read the injections: who
 * judges does not see the truth.
 */
public final class DetectStep implements Step<DetectConfig> {

  @Override
  public String name() {
    return "detect";
  }

  @Override
  public String summary() {
    return "Asks each detector how likely each sample, and each canary, is bad.";
  }

  @Override
  public Class<DetectConfig> settings() {
    return DetectConfig.class;
  }

  @Override
  public Set<Table> reads(DetectConfig config) {
    return Set.of(
        Table.SAMPLES,
        Table.CLASSES,
        Table.EMBEDDINGS,
        Table.PREDICTIONS,
        Table.CANARIES,
        Table.CONSENSUS);
  }

  @Override
  public Set<Table> writes(DetectConfig config) {
    return Set.of(Table.FINDINGS, Table.CANARY_FINDINGS);
  }

  @Override
  public void check(DetectConfig config) {
    Set<String> names = new java.util.HashSet<>();
    for (Configured<Detector<?>> detector : configured(config)) {
      if (!names.add(detector.name())) {
        throw new ConfigException("detect.detectors: '" + detector.name() + "' is listed twice");
      }
    }
    if (config.splits().isEmpty()) {
      throw new ConfigException("detect.splits: name at least one split, such as train");
    }
  }

  @Override
  public void run(DetectConfig config, StepContext context) {
    List<Dataset<Row>> findings = new ArrayList<>();
    List<Candidates> open = new ArrayList<>();
    Dataset<Row> judged =
        context.read(Table.SAMPLES).where(col("split").isin(config.splits().toArray()));
    for (Row row : judged.select("corpus", "task").distinct().orderBy("corpus").collectAsList()) {
      Candidates candidates = Candidates.of(context, config, row.getString(0), row.getString(1));
      open.add(candidates);
      for (Configured<Detector<?>> detector : configured(config)) {
        if (detector.extension().appliesTo(candidates)) {
          context.progress().note(row.getString(0) + ": " + detector.name());
          findings.add(
              kept(detector, candidates)
                  .withColumn("detector", lit(detector.name()))
                  .withColumn("corpus", lit(row.getString(0))));
        }
      }
    }
    Dataset<Row> none =
        context
            .spark()
            .createDataFrame(List.of(), Finding.SCHEMA)
            .withColumn("detector", lit(""))
            .withColumn("corpus", lit(""));
    Dataset<Row> all = findings.stream().reduce(none, Dataset::unionByName);
    context.write(Table.FINDINGS, named(all.where("not canary"), "sample_id"));
    context.write(Table.CANARY_FINDINGS, named(all.where("canary"), "canary_id"));
    open.forEach(Candidates::close);
  }

  private static Dataset<Row> named(Dataset<Row> findings, String id) {
    return findings.withColumnRenamed("candidate_id", id).drop("canary");
  }

  private static Dataset<Row> kept(Configured<Detector<?>> detector, Candidates candidates) {
    Dataset<Row> findings = detect(detector, candidates);
    if (!detector.extension().separatesCanaries()) {
      findings.persist(StorageLevel.MEMORY_AND_DISK());
      candidates.releaseLater(findings::unpersist);
    }
    return findings;
  }

  @SuppressWarnings("unchecked")
  private static <S extends Record> Dataset<Row> detect(
      Configured<Detector<?>> detector, Candidates candidates) {
    return ((Detector<S>) detector.extension()).detect((S) detector.settings(), candidates);
  }

  private static List<Configured<Detector<?>>> configured(DetectConfig config) {
    Registry<Detector<?>> registry = Registry.load(Detector.class, "detector");
    if (config.detectors().isEmpty()) {
      return registry.all().stream()
          .map(
              detector ->
                  registry.configure(
                      new io.recant.core.config.Strategy(
                          detector.name(),
                          com.fasterxml.jackson.databind.node.JsonNodeFactory.instance
                              .objectNode()),
                      "detect.detectors"))
          .toList();
    }
    List<Configured<Detector<?>>> named = new ArrayList<>();
    for (int i = 0; i < config.detectors().size(); i++) {
      named.add(registry.configure(config.detectors().get(i), "detect.detectors[" + i + "]"));
    }
    return named;
  }
}
