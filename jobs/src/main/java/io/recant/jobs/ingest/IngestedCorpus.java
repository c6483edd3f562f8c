package io.recant.jobs.ingest;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
import io.recant.core.registry.Configured;
import io.recant.jobs.ingest.IngestConfig.Corpus;
import io.recant.jobs.ingest.IngestConfig.Task;
import io.recant.spark.step.Draws;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.ModelRows;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * A corpus that has been read: its rows, each with its fate, kept on the executors (on disk where
 * memory ends) until {@link #close}, because several tables are made of them.
 */
final class IngestedCorpus implements AutoCloseable {

  private static final int MOST_CLASSES = 100_000;

  private final Corpus corpus;
  private final Dataset<Row> source;
  private final Dataset<Row> kept;
  private final Dataset<Row> rows;
  private final long read;
  private final Map<Fate, Long> fates;

  private IngestedCorpus(
      Corpus corpus,
      Dataset<Row> source,
      Dataset<Row> kept,
      Dataset<Row> rows,
      long read,
      Map<Fate, Long> fates) {
    this.corpus = corpus;
    this.source = source;
    this.kept = kept;
    this.rows = rows;
    this.read = read;
    this.fates = fates;
  }

  /**
   * Reads a corpus.
   *
   * @throws InputException when a file cannot be read, or too many rows cannot become samples
   */
  static IngestedCorpus read(
      Corpus corpus, Configured<Source<?>> source, IngestConfig config, StepContext context) {
    Dataset<Row> raw =
        read(
            source.extension(),
            source.settings(),
            new SourceContext(
                context.spark(), corpus.name(), config.maxRowBytes(), config.maxExpansion()));
    Observation observation = new Observation("read " + corpus.name());
    Dataset<Row> parsed =
        parse(raw.observe(observation, count(lit(1)).as("rows")), corpus, config.maxRowBytes());
    boolean pictures =
        corpus.columns().image().isPresent() || source.extension().picturesOfAnySize();
    Dataset<Row> lengths = UniformSizes.enforce(parsed, corpus, pictures);
    boolean annotated = corpus.columns().annotator().isPresent();
    Dataset<Row> kept =
        finish(annotated ? Identity.ofAnswers(lengths) : Identity.ofRows(lengths), corpus, context)
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      List<Row> tally = tally(kept);
      long read = observed(observation);
      QuarantineCeiling.check(corpus.name(), total(tally), bad(tally), config.maxQuarantine());
      Dataset<Row> rows = draw(kept, corpus, context.seed());
      Map<Fate, Long> fates = fates(corpus.limit().isPresent() ? tally(rows) : tally);
      return new IngestedCorpus(corpus, raw, kept, rows, read, fates);
    } catch (Exception e) { // Spark throws checked exceptions that Java does not know of
      kept.unpersist();
      throw e;
    }
  }

  private static <S extends Record> Dataset<Row> read(
      Source<S> source, Record settings, SourceContext context) {
    return source.read(source.settings().cast(settings), context);
  }

  private static Dataset<Row> parse(Dataset<Row> raw, Corpus corpus, int maxRowBytes) {
    RowParser parser =
        new RowParser(corpus.name(), corpus.columns(), Set.copyOf(corpus.classes()), maxRowBytes);
    String name = corpus.name();
    return raw.mapPartitions(
        (MapPartitionsFunction<Row, Row>) rows -> new ParsedRows(name, rows, parser),
        Encoders.row(ParsedRow.SCHEMA));
  }

  /**
   * What the tables have beside the parsed values; raw bytes are kept only where they are shown.
   */
  private static Dataset<Row> finish(Dataset<Row> rows, Corpus corpus, StepContext context) {
    long seed = Seeds.derive(context.seed(), "ingest/split/" + corpus.name());
    Column drawn = when(Draws.uniform(seed, col("key")).lt(corpus.testShare()), "test");
    return rows.withColumn("split", coalesce(col("split"), drawn.otherwise("train")))
        .withColumn("raw", when(col("code").isNotNull(), col("raw")))
        .withColumn("corpus", lit(corpus.name()))
        .withColumn("task", lit(corpus.task().key()))
        .withColumn("shard", pmod(xxhash64(col("sample_id")), lit(context.shards())).cast("int"))
        .drop("key", "own_id", "image_shape");
  }

  /** Leaves out what {@code limit} does not draw; the answers to a sample go where it goes. */
  private static Dataset<Row> draw(Dataset<Row> kept, Corpus corpus, long seed) {
    if (corpus.limit().isEmpty()) {
      return kept;
    }
    Column drawn =
        Draws.first(
            kept.where(is(Fate.SAMPLE)),
            corpus.limit().get(),
            Seeds.derive(seed, "ingest/limit/" + corpus.name()),
            "sample_id");
    return kept.withColumn(
        "fate", when(is(Fate.QUARANTINED).or(drawn), col("fate")).otherwise(Fate.NOT_DRAWN.key()));
  }

  private static List<Row> tally(Dataset<Row> rows) {
    return rows.groupBy("fate", "code")
        .agg(
            count(lit(1)).as("rows"),
            min(struct(col("source_uri"), col("source_row"), col("reason"))).as("first"))
        .collectAsList();
  }

  private static Map<Fate, Long> fates(List<Row> tally) {
    Map<Fate, Long> fates = new EnumMap<>(Fate.class);
    for (Fate fate : Fate.values()) {
      fates.put(fate, 0L);
    }
    for (Row row : tally) {
      fates.merge(Fate.of(row.getString(0)), row.getLong(2), Long::sum);
    }
    return fates;
  }

  private static List<QuarantineCeiling.Bad> bad(List<Row> tally) {
    List<QuarantineCeiling.Bad> bad = new ArrayList<>();
    for (Row row : tally) {
      if (!row.isNullAt(1)) {
        Row first = row.getStruct(3);
        bad.add(
            new QuarantineCeiling.Bad(
                row.getString(1),
                row.getLong(2),
                first.getString(0),
                first.getLong(1),
                first.getString(2)));
      }
    }
    return bad;
  }

  private static long total(List<Row> tally) {
    return tally.stream().mapToLong(row -> row.getLong(2)).sum();
  }

  private static long observed(Observation observation) {
    try {
      return observation.getAsJava().get("rows") instanceof Long n ? n : 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StepException("interrupted while reading", e);
    }
  }

  /** The configuration. */
  Corpus corpus() {
    return corpus;
  }

  /** How many rows have a fate. */
  long rows(Fate fate) {
    return fates.get(fate);
  }

  /**
   * How many rows the source has, counted apart from what became of them.
   *
   * @param expected what the fates sum to. The count taken in passing sees a task twice that had to
   *     be run again, so where it differs the source is asked once more before anybody complains.
   */
  long read(long expected) {
    return read == expected ? read : source.count();
  }

  /** Rows for {@code samples}. */
  Dataset<Row> samples() {
    return rows.where(is(Fate.SAMPLE));
  }

  /** Rows for {@code quarantine}; nothing where there are none. */
  Optional<Dataset<Row>> quarantine() {
    return rows(Fate.QUARANTINED) == 0
        ? Optional.empty()
        : Optional.of(rows.where(is(Fate.QUARANTINED)));
  }

  /** Rows for {@code annotations}; nothing where the corpus has no annotators. */
  Optional<Dataset<Row>> annotations() {
    return corpus
        .columns()
        .annotator()
        .map(column -> rows.where(is(Fate.SAMPLE).or(is(Fate.MERGED))));
  }

  /** Rows for {@code embeddings}; nothing where the corpus gives none. */
  Optional<Dataset<Row>> embeddings() {
    return corpus
        .columns()
        .embedding()
        .map(
            column ->
                samples()
                    .withColumn("model", lit(ModelRows.GIVEN))
                    .withColumn("field", lit("input"))
                    .withColumn("vector", col("embedding")));
  }

  /** Rows for {@code predictions}; nothing where the corpus gives none. */
  Optional<Dataset<Row>> predictions() {
    List<Dataset<Row>> models = new ArrayList<>();
    corpus.columns().probabilities().ifPresent(column -> models.add(predicted(ModelRows.GIVEN)));
    int model = 0;
    for (String name : corpus.columns().models().keySet()) {
      models.add(
          predicted(name).withColumn("probabilities", col("model_probabilities").getItem(model++)));
    }
    return models.stream().reduce(Dataset::unionByName);
  }

  private Dataset<Row> predicted(String model) {
    return samples().withColumn("model", lit(model)).withColumn("fold", lit(-1));
  }

  /**
   * The classes in their order, with the train rows given each; none for a corpus that has none.
   *
   * @throws InputException when they do not fit the given probabilities
   */
  List<ClassCount> classes() {
    if (corpus.task() != Task.CLASSIFICATION) {
      return List.of();
    }
    Map<String, Long> occurring = new TreeMap<>();
    samples()
        .groupBy("target")
        .agg(count(when(col("split").equalTo("train"), 1)))
        .limit(MOST_CLASSES + 1)
        .collectAsList()
        .forEach(row -> occurring.put(row.getString(0), row.getLong(1)));
    if (occurring.size() > MOST_CLASSES) {
      throw new InputException(
          "corpus "
              + corpus.name()
              + " has more than "
              + MOST_CLASSES
              + " different targets; is its task generation?");
    }
    List<String> names =
        corpus.classes().isEmpty() ? List.copyOf(occurring.keySet()) : corpus.classes();
    checkProbabilities(names.size());
    List<ClassCount> classes = new ArrayList<>();
    for (String name : names) {
      classes.add(new ClassCount(name, occurring.getOrDefault(name, 0L)));
    }
    return classes;
  }

  private void checkProbabilities(int classes) {
    List<Row> lengths =
        predictions()
            .map(given -> given.select(size(col("probabilities"))).distinct().collectAsList())
            .orElse(List.of());
    for (Row length : lengths) {
      if (length.getInt(0) != classes) {
        throw new InputException(
            "corpus "
                + corpus.name()
                + " has "
                + length.getInt(0)
                + " probabilities a row and "
                + classes
                + " different targets; list its classes in their order under 'classes'");
      }
    }
  }

  private static Column is(Fate fate) {
    return col("fate").equalTo(fate.key());
  }

  @Override
  public void close() {
    kept.unpersist();
  }

  /** A class and how many train rows are given it. */
  record ClassCount(String name, long rows) {}
}
