package io.recant.jobs.ingest;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;

import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
import io.recant.core.registry.Configured;
import io.recant.core.table.Table;
import io.recant.jobs.ingest.IngestConfig.Corpus;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/** Reads corpora: every row becomes a sample or is quarantined with the reason. */
public final class IngestStep implements Step<IngestConfig> {

  private static final Set<String> COLUMNS =
      Set.of(
          "id",
          "input",
          "target",
          "context",
          "entity",
          "split",
          "probabilities",
          "embedding",
          "annotator");

  @Override
  public String name() {
    return "ingest";
  }

  @Override
  public String summary() {
    return "Reads corpora into samples; rows that cannot be samples are quarantined with the reason.";
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
    return Set.of(
        Table.SAMPLES,
        Table.QUARANTINE,
        Table.ANNOTATIONS,
        Table.CLASSES,
        Table.EMBEDDINGS,
        Table.PREDICTIONS);
  }

  @Override
  public void check(IngestConfig config) {
    Set<String> names = new HashSet<>();
    for (Corpus corpus : config.corpora()) {
      String where = "ingest.corpora." + corpus.name();
      if (!corpus.name().matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
        throw new ConfigException(
            where + ": a corpus names folders; use letters, digits, '.', '_' and '-'");
      }
      if (!names.add(corpus.name())) {
        throw new ConfigException("ingest.corpora: two corpora are named '" + corpus.name() + "'");
      }
      for (String column : corpus.columns().keySet()) {
        if (!COLUMNS.contains(column)) {
          throw new ConfigException(
              where
                  + ".columns: there is no column '"
                  + column
                  + "'"
                  + io.recant.core.config.Nearest.suggestion(
                      column, new java.util.TreeSet<>(COLUMNS)));
        }
      }
      Sources.load().configure(corpus.source(), where + ".source");
    }
  }

  @Override
  public void run(IngestConfig config, StepContext context) {
    List<CorpusRows> corpora = new ArrayList<>();
    for (Corpus corpus : config.corpora()) {
      corpora.add(CorpusRows.of(corpus, parsed(config, corpus, context)));
    }
    context.write(
        Table.SAMPLES,
        union(context, Table.SAMPLES, corpora.stream().map(CorpusRows::samples).toList()));
    context.write(
        Table.QUARANTINE,
        union(context, Table.QUARANTINE, corpora.stream().map(CorpusRows::quarantine).toList()));
    context.write(
        Table.ANNOTATIONS,
        union(context, Table.ANNOTATIONS, corpora.stream().map(CorpusRows::annotations).toList()));
    context.write(
        Table.EMBEDDINGS,
        union(context, Table.EMBEDDINGS, corpora.stream().map(CorpusRows::embeddings).toList()));
    context.write(
        Table.CLASSES,
        union(context, Table.CLASSES, corpora.stream().map(CorpusRows::classes).toList()));
    context.write(
        Table.PREDICTIONS,
        union(context, Table.PREDICTIONS, corpora.stream().map(CorpusRows::predictions).toList()));
    corpora.forEach(rows -> check(config, context, rows));
    corpora.forEach(CorpusRows::unpersist);
  }

  private static Dataset<Row> parsed(IngestConfig config, Corpus corpus, StepContext context) {
    Configured<Source<?>> source =
        Sources.load().configure(corpus.source(), "ingest.corpora." + corpus.name() + ".source");
    Dataset<Row> raw = read(source.extension(), source, context, config.maxRowBytes());
    long seed = Seeds.derive(context.seed(), "ingest/" + corpus.name());
    Dataset<Row> drawn =
        corpus.limit().isPresent()
            ? raw.orderBy(
                    xxhash64(col("source_uri"), col("source_row"), lit(seed)),
                    col("source_uri"),
                    col("source_row"))
                .limit(corpus.limit().get())
            : raw;
    SampleParser parser =
        new SampleParser(
            corpus.name(),
            corpus.task().name().toLowerCase(Locale.ROOT),
            new HashMap<>(corpus.columns()),
            context.shards(),
            seed,
            corpus.testShare());
    return drawn.map(parser, Encoders.row(SampleParser.schema())).persist(StorageLevel.DISK_ONLY());
  }

  private static <S extends Record> Dataset<Row> read(
      Source<S> source, Configured<?> configured, StepContext context, int maxRowBytes) {
    return source.read(configured.settingsAs(source.settings()), context.spark(), maxRowBytes);
  }

  private static Dataset<Row> union(StepContext context, Table table, List<Dataset<Row>> parts) {
    Dataset<Row> empty = context.spark().createDataFrame(List.of(), Schemas.of(table));
    return parts.stream().reduce(empty, Dataset::unionByName);
  }

  /** Nothing is lost, and not too much is quarantined. */
  private static void check(IngestConfig config, StepContext context, CorpusRows rows) {
    String corpus = rows.corpus().name();
    long read = rows.read();
    long samples = context.readBack(Table.SAMPLES).where(col("corpus").equalTo(corpus)).count();
    long quarantined =
        context.readBack(Table.QUARANTINE).where(col("corpus").equalTo(corpus)).count();
    long merged = rows.mergedAnswers();
    context.measure("rows_read." + corpus, read);
    if (read != samples + quarantined + merged) {
      throw new StepException(
          "corpus "
              + corpus
              + ": "
              + read
              + " rows were read, but "
              + samples
              + " samples and "
              + quarantined
              + " quarantined rows came of them");
    }
    if (read == 0) {
      throw new InputException("corpus " + corpus + ": the source has no rows");
    }
    if (quarantined > config.maxQuarantine() * read) {
      throw new InputException(
          String.format(
              Locale.ROOT,
              "corpus %s: %,d of %,d rows (%.1f %%) had to be quarantined, max_quarantine allows %.1f %%. Most frequent: %s",
              corpus,
              quarantined,
              read,
              100.0 * quarantined / read,
              100 * config.maxQuarantine(),
              reasons(context, corpus)));
    }
  }

  private static String reasons(StepContext context, String corpus) {
    return context
        .readBack(Table.QUARANTINE)
        .where(col("corpus").equalTo(corpus))
        .groupBy("code")
        .agg(
            count(lit(1)).as("rows"),
            org.apache
                .spark
                .sql
                .functions
                .min(org.apache.spark.sql.functions.struct("source_uri", "source_row", "reason"))
                .as("first"))
        .orderBy(col("rows").desc(), col("code"))
        .limit(3)
        .collectAsList()
        .stream()
        .map(
            row -> {
              Row first = row.getStruct(2);
              return row.getString(0)
                  + " ("
                  + row.getLong(1)
                  + " rows, first at "
                  + first.getString(0)
                  + " row "
                  + first.getLong(1)
                  + ": "
                  + first.getString(2)
                  + ")";
            })
        .collect(Collectors.joining("; "));
  }
}
