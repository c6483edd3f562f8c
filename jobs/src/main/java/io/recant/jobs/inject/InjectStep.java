package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
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
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Damages samples for a benchmark and writes down what it did. Only train rows are damaged, each at
 * most once, and every other row is passed on as it is. Damage that shows on no clean test row (a
 * trigger) brings test rows of its own, in the split {@value Damage#PROBES}.
 */
public final class InjectStep implements Step<InjectConfig> {

  /** What the manifest calls the rows that injectors added to a corpus, after its name. */
  private static final String ROWS_ADDED = ".rows_added";

  private static final String[] KEY = {"corpus", "sample_id"};

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
    return config.knownShare() > 0
        ? Set.of(Table.DAMAGED, Table.INJECTIONS, Table.KNOWN_BAD)
        : Set.of(Table.DAMAGED, Table.INJECTIONS);
  }

  @Override
  public void check(InjectConfig config) {
    configured(config);
  }

  @Override
  public void run(InjectConfig config, StepContext context) {
    Dataset<Row> samples = context.read(Table.SAMPLES);
    checkCorpora(config, samples);
    List<Damage> damages = new ArrayList<>();
    try {
      configured(config)
          .forEach((corpus, injectors) -> inject(corpus, injectors, samples, damages, context));
      context.write(
          Table.INJECTIONS, union(damages, Damage::injections, Table.INJECTIONS, context));
      if (config.knownShare() > 0) {
        context.write(
            Table.KNOWN_BAD,
            union(damages, damage -> damage.known(config.knownShare()), Table.KNOWN_BAD, context));
      }
      context.write(Table.DAMAGED, damaged(samples, damages));
    } finally {
      damages.forEach(Damage::close);
    }
    checkCount(damages.stream().mapToLong(Damage::probeCount).sum(), context);
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

  /** Adds what each injector does to a corpus. */
  private static void inject(
      String corpus,
      List<Configured<Injector<?>>> injectors,
      Dataset<Row> samples,
      List<Damage> damages,
      StepContext context) {
    Dataset<Row> own = samples.where(col("corpus").equalTo(corpus));
    Dataset<Row> clean = own.where(col("split").equalTo("train"));
    Dataset<Row> test = own.where(col("split").equalTo("test"));
    long added = 0;
    for (int i = 0; i < injectors.size(); i++) {
      Injector<?> injector = injectors.get(i).extension();
      String purpose = "inject/" + corpus + "/" + i + "/" + injector.name();
      long seed = Seeds.derive(context.seed(), purpose);
      Damage damage =
          Damage.of(injector, injectors.get(i).settings(), clean, test, i, context.shards(), seed);
      damages.add(damage);
      added += damage.probeCount();
      context
          .progress()
          .note(
              String.format(
                  Locale.ROOT,
                  "%s: %s damaged %,d samples%s",
                  corpus,
                  injector.name(),
                  damage.count(),
                  damage.probeCount() == 0
                      ? ""
                      : String.format(
                          Locale.ROOT,
                          ", and %,d test rows are added that show whether a model does as they"
                              + " teach",
                          damage.probeCount())));
      clean = clean.join(damage.names(), "sample_id", "left_anti");
    }
    context.measure(corpus + ROWS_ADDED, added);
  }

  private static Dataset<Row> union(
      List<Damage> damages, Function<Damage, Dataset<Row>> part, Table table, StepContext context) {
    return damages.stream()
        .map(part)
        .reduce(Dataset::union)
        .orElseGet(() -> context.spark().createDataFrame(List.of(), Schemas.of(table)));
  }

  /** The samples with their damage, and the rows that injectors add. */
  private static Dataset<Row> damaged(Dataset<Row> samples, List<Damage> damages) {
    Optional<Dataset<Row>> changes = damages.stream().map(Damage::changes).reduce(Dataset::union);
    if (changes.isEmpty()) {
      return samples;
    }
    Dataset<Row> damaged =
        samples
            .join(changes.get(), KEY, "left_outer")
            .select(
                Arrays.stream(samples.columns()).map(InjectStep::damaged).toArray(Column[]::new));
    return damages.stream()
        .flatMap(damage -> damage.probes().stream())
        .reduce(damaged, Dataset::unionByName);
  }

  /** Spans are parts of the target they came with: of another they say nothing. */
  private static Column damaged(String name) {
    if (name.equals("spans")) {
      return when(col(Damage.changed("target")).isNull(), col(name)).as(name);
    }
    return Damage.CHANGEABLE.contains(name)
        ? coalesce(col(Damage.changed(name)), col(name)).as(name)
        : col(name);
  }

  private static void checkCount(long added, StepContext context) {
    long samples = context.runDirectory().rows(Table.SAMPLES);
    long damaged = context.writtenRows(Table.DAMAGED);
    if (damaged != samples + added) {
      throw new StepException(
          "there are "
              + samples
              + " samples, "
              + added
              + " rows were added to them, and there are "
              + damaged
              + " after the injectors; nothing is committed. An injector returned a sample twice");
    }
  }
}
