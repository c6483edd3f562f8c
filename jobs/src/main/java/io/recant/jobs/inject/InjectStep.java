package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.recant.core.config.Nearest;
import io.recant.core.config.Strategy;
import io.recant.core.error.ConfigException;
import io.recant.core.error.StepException;
import io.recant.core.registry.Configured;
import io.recant.core.registry.Registry;
import io.recant.core.table.Table;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * Damages samples for a benchmark and writes down what it did. Only train rows are damaged, each at
 * most once, and every other row is passed on as it is.
 */
public final class InjectStep implements Step<InjectConfig> {

  private static final String[] KEY = {"corpus", "sample_id"};
  private static final List<String> FIELDS = List.of("input", "target", "context", "entity");

  @Override
  public String name() {
    return "inject";
  }

  @Override
  public String summary() {
    return "Puts known errors into samples, for benchmarks; the truth goes to injections.";
  }

  @Override
  public Class<InjectConfig> settings() {
    return InjectConfig.class;
  }

  @Override
  public Set<Table> reads(InjectConfig config) {
    return Set.of(Table.SAMPLES);
  }

  @Override
  public boolean readsOriginals() {
    return true;
  }

  @Override
  public Set<Table> writes(InjectConfig config) {
    return Set.of(Table.DAMAGED, Table.INJECTIONS);
  }

  @Override
  public void check(InjectConfig config) {
    configured(config);
  }

  @Override
  public void run(InjectConfig config, StepContext context) {
    Dataset<Row> samples = context.read(Table.SAMPLES);
    checkCorpora(config, samples);
    List<Dataset<Row>> injected = new ArrayList<>();
    try {
      configured(config)
          .forEach((corpus, injectors) -> inject(corpus, injectors, samples, injected, context));
      Dataset<Row> injections = union(injected, context);
      context.write(Table.INJECTIONS, injections);
      context.write(Table.DAMAGED, damaged(samples, injections));
    } finally {
      injected.forEach(Dataset::unpersist);
    }
    checkCount(context);
  }

  private static Map<String, List<Configured<Injector<?>>>> configured(InjectConfig config) {
    Registry<Injector<?>> registry = Injectors.load();
    Map<String, List<Configured<Injector<?>>>> configured = new LinkedHashMap<>();
    config
        .corpora()
        .forEach(
            (corpus, strategies) -> {
              List<Configured<Injector<?>>> injectors = new ArrayList<>();
              for (Strategy strategy : strategies) {
                String where = "inject.corpora." + corpus + "[" + injectors.size() + "]";
                injectors.add(registry.configure(strategy, where));
              }
              configured.put(corpus, injectors);
            });
    return configured;
  }

  private static void checkCorpora(InjectConfig config, Dataset<Row> samples) {
    List<String> there =
        samples.select("corpus").distinct().collectAsList().stream()
            .map(row -> row.getString(0))
            .sorted()
            .toList();
    for (String corpus : config.corpora().keySet()) {
      if (!there.contains(corpus)) {
        throw new ConfigException(
            "inject.corpora: no sample is of corpus '"
                + corpus
                + "'"
                + Nearest.suggestion(corpus, there));
      }
    }
  }

  /**
   * Adds what each injector does to a corpus. Every part is kept, for the injectors after it and
   * both tables ask for it; it holds names and new values only.
   */
  private static void inject(
      String corpus,
      List<Configured<Injector<?>>> injectors,
      Dataset<Row> samples,
      List<Dataset<Row>> injected,
      StepContext context) {
    Dataset<Row> clean =
        samples.where(col("corpus").equalTo(corpus).and(col("split").equalTo("train")));
    for (int i = 0; i < injectors.size(); i++) {
      Injector<?> injector = injectors.get(i).extension();
      String purpose = "inject/" + corpus + "/" + i + "/" + injector.name();
      long seed = Seeds.derive(context.seed(), purpose);
      Dataset<Row> damage = damage(injector, injectors.get(i).settings(), clean, seed);
      Dataset<Row> part =
          records(clean, damage, injector, seed).persist(StorageLevel.MEMORY_AND_DISK());
      injected.add(part);
      context
          .progress()
          .note(
              String.format(
                  Locale.ROOT,
                  "%s: %s damaged %,d samples",
                  corpus,
                  injector.name(),
                  part.count()));
      clean = clean.join(part.select("sample_id"), "sample_id", "left_anti");
    }
  }

  private static <S extends Record> Dataset<Row> damage(
      Injector<S> injector, Record settings, Dataset<Row> clean, long seed) {
    return injector.damage(clean, injector.settings().cast(settings), seed);
  }

  /** Rows for {@code injections}; a value that did not change is no error. */
  private static Dataset<Row> records(
      Dataset<Row> clean, Dataset<Row> damage, Injector<?> injector, long seed) {
    return clean
        .select(col("sample_id"), col(injector.field()).as("before"), col("corpus"), col("shard"))
        .join(damage, "sample_id")
        .where(col("after").notEqual(col("before")))
        .select(
            col("sample_id"),
            lit(injector.name()).as("injector"),
            lit(injector.field()).as("field"),
            col("before"),
            col("after"),
            lit(seed).as("seed"),
            col("corpus"),
            col("shard"));
  }

  private static Dataset<Row> union(List<Dataset<Row>> parts, StepContext context) {
    return parts.stream()
        .reduce(Dataset::union)
        .orElseGet(() -> context.spark().createDataFrame(List.of(), Schemas.of(Table.INJECTIONS)));
  }

  private static Dataset<Row> damaged(Dataset<Row> samples, Dataset<Row> injections) {
    Dataset<Row> joined =
        samples.join(injections.select("corpus", "sample_id", "field", "after"), KEY, "left_outer");
    return joined.select(
        Arrays.stream(samples.columns()).map(InjectStep::damaged).toArray(Column[]::new));
  }

  /** Spans are parts of the target they came with: of another they say nothing. */
  private static Column damaged(String name) {
    if (name.equals("spans")) {
      return when(coalesce(col("field"), lit("")).notEqual("target"), col(name)).as(name);
    }
    return FIELDS.contains(name)
        ? coalesce(when(col("field").equalTo(name), col("after")), col(name)).as(name)
        : col(name);
  }

  private static void checkCount(StepContext context) {
    long samples = context.runDirectory().rows(Table.SAMPLES);
    long damaged = context.writtenRows(Table.DAMAGED);
    if (damaged != samples) {
      throw new StepException(
          "there are "
              + samples
              + " samples and "
              + damaged
              + " after the injectors; nothing is committed. An injector returned a sample twice");
    }
  }
}
