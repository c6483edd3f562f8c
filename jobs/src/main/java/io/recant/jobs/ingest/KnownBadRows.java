package io.recant.jobs.ingest;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.udf;

import io.recant.core.config.Nearest;
import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.MetaKey;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;

/** Rows of table {@code known_bad} for a corpus whose configuration names some. */
final class KnownBadRows {

  private static final List<String> BAD = List.of("true", "yes", "bad", "1");
  private static final List<String> OTHERS = List.of("false", "no", "good", "0", "");

  private final IngestedCorpus corpus;
  private final StepContext context;

  private KnownBadRows(IngestedCorpus corpus, StepContext context) {
    this.corpus = corpus;
    this.context = context;
  }

  /**
   * The rows, of samples that are in the corpus; how many others are named is said.
   *
   * @throws ConfigException when there is no such column, or the file has no ending that is known
   * @throws InputException when a value is neither yes nor no, or no row of a file is in the corpus
   */
  static Dataset<Row> of(IngestedCorpus corpus, KnownBad known, StepContext context) {
    KnownBadRows rows = new KnownBadRows(corpus, context);
    Dataset<Row> found =
        known.column().isPresent()
            ? rows.byColumn(MetaKey.of(known.column().get()))
            : rows.byFile(known.path().orElseThrow(), known.id());
    return found.withColumn("known_by", lit(known.column().or(known::path).orElseThrow()));
  }

  private Dataset<Row> byColumn(MetaKey key) {
    if (corpus.samples().where(key.value().isNotNull()).isEmpty()) {
      throw new ConfigException(
          "known_bad.column: no sample of corpus " + corpus.corpus().name() + " has a " + key);
    }
    Column value = lower(trim(coalesce(key.value(), lit(""))));
    List<String> known = Stream.concat(BAD.stream(), OTHERS.stream()).toList();
    List<Row> odd =
        corpus
            .samples()
            .where(not(value.isin(known.toArray())))
            .select(key.value(), col("source_uri"), col("source_row"))
            .limit(1)
            .collectAsList();
    if (!odd.isEmpty()) {
      throw new InputException(
          "known_bad.column: "
              + key
              + " is '"
              + odd.get(0).getString(0)
              + "' in "
              + odd.get(0).getString(1)
              + ":"
              + odd.get(0).getLong(2)
              + "; it has to be one of "
              + BAD
              + ", or "
              + OTHERS);
    }
    Dataset<Row> found = corpus.samples().where(value.isin(BAD.toArray()));
    say(found.count(), 0);
    return found;
  }

  private Dataset<Row> byFile(String path, String id) {
    String name = corpus.corpus().name();
    Dataset<Row> file = read(path);
    if (!Arrays.asList(file.columns()).contains(id)) {
      throw new ConfigException(
          "known_bad.id: "
              + path
              + " has no column '"
              + id
              + "'"
              + Nearest.suggestion(id, Arrays.asList(file.columns())));
    }
    Dataset<Row> named =
        file.where(col(id).isNotNull())
            .select(
                udf((UDF1<String, String>) own -> SampleId.ofOwnId(name, own), DataTypes.StringType)
                    .apply(trim(col(id).cast("string")))
                    .as("sample_id"))
            .distinct();
    Dataset<Row> found = corpus.samples().join(named, "sample_id");
    long there = found.count();
    long others = named.count() - there;
    if (there == 0 && others > 0) {
      throw new InputException(
          "known_bad.path: none of the "
              + others
              + " rows that "
              + path
              + " names is a sample of corpus "
              + name
              + "; has the corpus a column of own ids (columns.id), and is it that of the file?");
    }
    say(there, others);
    return found;
  }

  private Dataset<Row> read(String path) {
    String ending = path.toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
    if (ending.endsWith(".parquet")) {
      return context.spark().read().parquet(path);
    }
    if (ending.endsWith(".csv")) {
      return context.spark().read().option("header", "true").csv(path);
    }
    if (ending.endsWith(".jsonl") || ending.endsWith(".json")) {
      return context.spark().read().option("primitivesAsString", "true").json(path);
    }
    throw new ConfigException(
        "known_bad.path: " + path + " ends with none of .jsonl, .json, .csv, .parquet");
  }

  private void say(long there, long others) {
    String name = corpus.corpus().name();
    context.measure(name + ".known_bad", there);
    context.measure(name + ".known_bad_not_there", others);
    context
        .progress()
        .note(
            String.format(
                Locale.ROOT,
                "%s: %,d samples are known to be bad%s",
                name,
                there,
                others == 0
                    ? ""
                    : String.format(
                        Locale.ROOT, "; %,d more are named that are not in the corpus", others)));
  }
}
