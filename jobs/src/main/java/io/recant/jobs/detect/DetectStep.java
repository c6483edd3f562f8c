package io.recant.jobs.detect;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.recant.core.error.ConfigException;
import io.recant.core.registry.Configured;
import io.recant.core.registry.Registry;
import io.recant.core.table.Table;
import io.recant.spark.observe.Activity;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import io.recant.spark.table.ShardRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

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
        Table.CONSENSUS,
        Table.KNOWN_BAD);
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
    List<Dataset<Row>> apart = new ArrayList<>();
    List<Dataset<Row>> kept = new ArrayList<>();
    List<Candidates> open = new ArrayList<>();
    Dataset<Row> judged =
        context.read(Table.SAMPLES).where(col("split").isin(config.splits().toArray()));
    for (Row row : judged.select("corpus", "task").distinct().orderBy("corpus").collectAsList()) {
      Candidates candidates = Candidates.of(context, config, row.getString(0), row.getString(1));
      open.add(candidates);
      for (Configured<Detector<?>> detector : configured(config)) {
        if (detector.extension().appliesTo(candidates)) {
          context.progress().note(row.getString(0) + ": " + detector.name());
          (detector.extension().keepsShards() ? apart : kept)
              .add(findings(context, row.getString(0), detector, candidates));
        }
      }
    }
    write(context, Table.FINDINGS, "not canary", "sample_id", apart, kept);
    write(context, Table.CANARY_FINDINGS, "canary", "canary_id", apart, kept);
    open.forEach(Candidates::close);
  }

  /**
   * The findings of a detector, by shard. One that does not keep shards works here: its findings
   * are shuffled once, and both tables are written from what the shuffle keeps. Each is planned by
   * itself, since a plan of all takes longer to make than small corpora take to judge.
   */
  private static Dataset<Row> findings(
      StepContext context, String corpus, Configured<Detector<?>> detector, Candidates candidates) {
    try (Activity activity = context.activity(detector.name(), corpus)) {
      List<Column> columns = new ArrayList<>(columns(Finding.SCHEMA));
      columns.add(lit(detector.name()).as("detector"));
      columns.add(lit(corpus).as("corpus"));
      Dataset<Row> findings = detect(detector, candidates).select(columns.toArray(Column[]::new));
      if (detector.extension().keepsShards()) {
        return findings;
      }
      return ShardRows.together(
          List.of(findings.repartitionById(context.shards(), col("shard"))), context.shards());
    }
  }

  /** Writes the findings of a condition, which moves none. */
  private static void write(
      StepContext context,
      Table table,
      String condition,
      String id,
      List<Dataset<Row>> apart,
      List<Dataset<Row>> kept) {
    UnaryOperator<Dataset<Row>> chosen =
        findings ->
            findings
                .where(condition)
                .withColumnRenamed("candidate_id", id)
                .select(columns(Schemas.of(table)).toArray(Column[]::new));
    List<Dataset<Row>> parts = new ArrayList<>(apart.stream().map(chosen).toList());
    if (!kept.isEmpty()) {
      parts.add(chosen.apply(ShardRows.together(kept, context.shards())));
    }
    if (parts.isEmpty()) {
      context.write(table, context.spark().createDataFrame(List.of(), Schemas.of(table)));
    } else {
      context.writePlaced(table, ShardRows.together(parts, context.shards()));
    }
  }

  private static List<Column> columns(StructType schema) {
    return Arrays.stream(schema.fieldNames()).map(name -> col(name)).toList();
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
