package io.recant.jobs.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
import io.recant.core.registry.Configured;
import io.recant.core.registry.Registry;
import io.recant.core.table.Table;
import io.recant.core.table.TableSchema;
import io.recant.jobs.ingest.IngestConfig.Corpus;
import io.recant.spark.observe.Activity;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;

/**
 * Makes samples of the rows of files. Every row that was read becomes a sample, an annotation of
 * one, or a row of {@code quarantine} with the reason; with {@code limit} it may also have not been
 * drawn. The sum is checked before the commit.
 */
public final class IngestStep implements Step<IngestConfig> {

  @Override
  public String name() {
    return "ingest";
  }

  @Override
  public String summary() {
    return "Reads corpora into samples; what cannot become one goes to quarantine with its reason.";
  }

  @Override
  public Class<IngestConfig> settings() {
    return IngestConfig.class;
  }

  @Override
  public Set<Table> reads(IngestConfig config) {
    return Set.of();
  }

  @Override
  public Set<Table> writes(IngestConfig config) {
    Set<Table> tables =
        EnumSet.of(
            Table.SAMPLES,
            Table.QUARANTINE,
            Table.ANNOTATIONS,
            Table.EMBEDDINGS,
            Table.PREDICTIONS,
            Table.CLASSES);
    if (namesBad(config)) {
      tables.add(Table.KNOWN_BAD);
    }
    return tables;
  }

  private static boolean namesBad(IngestConfig config) {
    return config.corpora().stream().anyMatch(corpus -> corpus.knownBad().isPresent());
  }

  @Override
  public void check(IngestConfig config) {
    Set<String> names = new HashSet<>();
    for (Corpus corpus : config.corpora()) {
      if (!names.add(corpus.name())) {
        throw new ConfigException("ingest.corpora: two are named '" + corpus.name() + "'");
      }
    }
    configured(config).forEach(source -> check(source.extension(), source.settings()));
  }

  private static <S extends Record> void check(Source<S> source, Record settings) {
    source.check(source.settings().cast(settings));
  }

  @Override
  public void run(IngestConfig config, StepContext context) {
    List<Configured<Source<?>>> sources = configured(config);
    List<IngestedCorpus> corpora = new ArrayList<>();
    try {
      for (int i = 0; i < sources.size(); i++) {
        Corpus corpus = config.corpora().get(i);
        try (Activity activity = context.activity("read", corpus.name())) {
          corpora.add(read(corpus, sources.get(i), config, context));
        }
      }
      write(corpora, context);
      if (namesBad(config)) {
        write(
            Table.KNOWN_BAD,
            corpora,
            corpus ->
                corpus.corpus().knownBad().map(known -> KnownBadRows.of(corpus, known, context)),
            context);
      }
    } catch (Exception e) { // Spark throws checked exceptions that Java does not know of
      badInput(e)
          .ifPresent(
              input -> {
                throw input;
              });
      throw e;
    } finally {
      corpora.forEach(IngestedCorpus::close);
    }
  }

  private static List<Configured<Source<?>>> configured(IngestConfig config) {
    Registry<Source<?>> registry = Sources.load();
    List<Configured<Source<?>>> sources = new ArrayList<>();
    for (int i = 0; i < config.corpora().size(); i++) {
      sources.add(
          registry.configure(config.corpora().get(i).source(), "ingest.corpora[" + i + "].source"));
    }
    return sources;
  }

  private static IngestedCorpus read(
      Corpus corpus, Configured<Source<?>> source, IngestConfig config, StepContext context) {
    IngestedCorpus ingested = IngestedCorpus.read(corpus, source, config, context);
    context
        .progress()
        .note(
            String.format(
                Locale.ROOT,
                "%s: %,d samples, %,d rows in quarantine",
                corpus.name(),
                ingested.rows(Fate.SAMPLE),
                ingested.rows(Fate.QUARANTINED)));
    return ingested;
  }

  private static void write(List<IngestedCorpus> corpora, StepContext context) {
    context.write(Table.CLASSES, classes(corpora, context));
    write(Table.SAMPLES, corpora, corpus -> Optional.of(corpus.samples()), context);
    write(Table.QUARANTINE, corpora, IngestedCorpus::quarantine, context);
    write(Table.ANNOTATIONS, corpora, IngestedCorpus::annotations, context);
    write(Table.EMBEDDINGS, corpora, IngestedCorpus::embeddings, context);
    write(Table.PREDICTIONS, corpora, IngestedCorpus::predictions, context);
    checkSum(corpora, context);
  }

  private static void write(
      Table table,
      List<IngestedCorpus> corpora,
      Function<IngestedCorpus, Optional<Dataset<Row>>> part,
      StepContext context) {
    context.write(
        table,
        corpora.stream()
            .flatMap(corpus -> part.apply(corpus).stream())
            .map(rows -> shaped(rows, table))
            .reduce(Dataset::union)
            .orElseGet(() -> context.spark().createDataFrame(List.of(), Schemas.of(table))));
  }

  /** Exactly the table's columns; one the rows do not have is null. */
  private static Dataset<Row> shaped(Dataset<Row> rows, Table table) {
    List<String> have = Arrays.asList(rows.columns());
    return rows.select(
        table.schema().columns().stream()
            .map(column -> shaped(column, have.contains(column.name())))
            .toArray(Column[]::new));
  }

  private static Column shaped(TableSchema.Column column, boolean there) {
    return there
        ? col(column.name())
        : lit(null).cast(DataType.fromDDL(column.type())).as(column.name());
  }

  private static Dataset<Row> classes(List<IngestedCorpus> corpora, StepContext context) {
    List<Row> rows = new ArrayList<>();
    for (IngestedCorpus corpus : corpora) {
      List<IngestedCorpus.ClassCount> classes = corpus.classes();
      for (int i = 0; i < classes.size(); i++) {
        rows.add(
            RowFactory.create(
                i, classes.get(i).name(), classes.get(i).rows(), corpus.corpus().name()));
      }
    }
    return context.spark().createDataFrame(rows, Schemas.of(Table.CLASSES));
  }

  private static void checkSum(List<IngestedCorpus> corpora, StepContext context) {
    long merged = sum(corpora, Fate.MERGED);
    long notDrawn = sum(corpora, Fate.NOT_DRAWN);
    long samples = context.writtenRows(Table.SAMPLES);
    long quarantined = context.writtenRows(Table.QUARANTINE);
    long read = 0;
    for (IngestedCorpus corpus : corpora) {
      long expected = Arrays.stream(Fate.values()).mapToLong(corpus::rows).sum();
      read += corpus.read(expected);
    }
    if (read != samples + quarantined + merged + notDrawn) {
      throw new StepException(
          String.format(
              Locale.ROOT,
              "rows were lost or doubled: read %,d, but %,d samples + %,d in quarantine + %,d"
                  + " further annotations + %,d not drawn; nothing is committed. Did a source"
                  + " change while it was read? Run the step again",
              read,
              samples,
              quarantined,
              merged,
              notDrawn));
    }
    context.measure("rows_read", read);
    context.measure("rows_merged", merged);
    context.measure("rows_not_drawn", notDrawn);
  }

  private static long sum(List<IngestedCorpus> corpora, Fate fate) {
    return corpora.stream().mapToLong(corpus -> corpus.rows(fate)).sum();
  }

  /** What a task said about its input, out of what Spark wrapped it in. */
  private static Optional<InputException> badInput(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof InputException input) {
        return Optional.of(input);
      }
      if (e instanceof SparkThrowable spark
          && String.valueOf(spark.getCondition()).startsWith("FAILED_READ_FILE")) {
        return Optional.of(new InputException("cannot read a file: " + e.getMessage(), error));
      }
    }
    return Optional.empty();
  }
}
