package io.recant.jobs.decide;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.posexplode;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.recant.core.decision.Observation;
import io.recant.core.decision.ScoreCounts;
import io.recant.core.decision.TiltedMixture;
import io.recant.core.label.ConfusedClasses;
import io.recant.core.table.Table;
import io.recant.spark.step.StepContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * The judged samples of one corpus and its canaries, one row each: {@code id}, {@code canary}, and
 * the score of the i-th detector in {@code score_i}, null where it has no finding. Cached until
 * closed.
 */
final class Candidates implements AutoCloseable {

  /** Detectors' scores are counted in steps of 1e-5. */
  private static final int DIGITS = 5;

  private final List<Detector> detectors;
  private final Dataset<Row> rows;
  private final long samples;
  private final long canaries;
  private final boolean known;
  private final OptionalDouble shareBad;

  /**
   * A detector of the corpus.
   *
   * @param name its name
   * @param index which score column it is
   * @param judgesCanaries whether it has findings for canaries too, without which its scores cannot
   *     be weighed
   * @param missing candidates it has no finding for
   */
  record Detector(String name, int index, boolean judgesCanaries, long missing) {

    /** Its score, null where it has none. */
    Column score() {
      return col("score_" + index);
    }
  }

  private Candidates(
      List<Detector> detectors,
      Dataset<Row> rows,
      long samples,
      long canaries,
      boolean known,
      OptionalDouble shareBad) {
    this.detectors = detectors;
    this.rows = rows;
    this.samples = samples;
    this.canaries = canaries;
    this.known = known;
    this.shareBad = shareBad;
  }

  /**
   * Joins the findings to the rows they are about.
   *
   * @param judged the judged samples of the corpus
   */
  static Candidates of(StepContext context, String corpus, Dataset<Row> judged) {
    Dataset<Row> canaries =
        context
            .read(Table.CANARIES)
            .where(col("corpus").equalTo(corpus))
            .select(col("canary_id").as("id"), lit(true).as("canary"));
    return of(
        judged.select(col("sample_id").as("id"), lit(false).as("canary")).union(canaries),
        findings(context, Table.FINDINGS, "sample_id", corpus)
            .withColumn("canary", lit(false))
            .union(
                findings(context, Table.CANARY_FINDINGS, "canary_id", corpus)
                    .withColumn("canary", lit(true))),
        false);
  }

  /** The same where samples that are known to be bad stand in for canaries. */
  static Candidates besideKnown(StepContext context, String corpus, KnownSamples known) {
    Dataset<Row> named =
        known
            .others()
            .select(col("sample_id").as("id"), lit(false).as("canary"))
            .union(known.rows().select(col("sample_id").as("id"), lit(true).as("canary")));
    Dataset<Row> findings = findings(context, Table.FINDINGS, "sample_id", corpus);
    return of(
        named,
        findings.join(named, "id").select("id", "detector", "kind", "score", "canary"),
        true);
  }

  private static Candidates of(Dataset<Row> named, Dataset<Row> findings, boolean known) {
    Map<String, Boolean> names = new TreeMap<>();
    Map<String, Double> expected = new HashMap<>();
    for (Row row :
        findings
            .groupBy("detector")
            .agg(
                max(col("canary")),
                max(not(col("canary"))),
                max(col("kind").equalTo(ConfusedClasses.KIND)),
                sum(when(not(col("canary")), col("score"))))
            .collectAsList()) {
      if (row.getBoolean(2)) {
        names.put(row.getString(0), row.getBoolean(1));
        if (known && row.getBoolean(3) && !row.isNullAt(4)) {
          expected.put(row.getString(0), row.getDouble(4));
        }
      }
    }
    Dataset<Row> rows =
        names.isEmpty() ? named : named.join(pivoted(findings, names.keySet()), keys(), "left");
    return counted(names, rows.persist(StorageLevel.MEMORY_AND_DISK()), known, expected.values());
  }

  private static Candidates counted(
      Map<String, Boolean> names, Dataset<Row> rows, boolean known, Collection<Double> expected) {
    List<Column> sums = new ArrayList<>();
    sums.add(coalesce(sum(when(col("canary"), 1L).otherwise(0L)), lit(0L)));
    for (int i = 0; i < names.size(); i++) {
      sums.add(count(when(col("score_" + i).isNull(), 1)));
    }
    Row counts = rows.agg(count(lit(1)), sums.toArray(Column[]::new)).first();
    List<Detector> detectors = new ArrayList<>();
    for (Map.Entry<String, Boolean> name : names.entrySet()) {
      int i = detectors.size();
      detectors.add(new Detector(name.getKey(), i, name.getValue(), counts.getLong(2 + i)));
    }
    long canaries = counts.getLong(1);
    long samples = counts.getLong(0) - canaries;
    OptionalDouble share = expected.stream().mapToDouble(bad -> bad / samples).min();
    return new Candidates(detectors, rows, samples, canaries, known, share);
  }

  /** Every detector with findings for samples, by name. */
  List<Detector> detectors() {
    return detectors;
  }

  /** Those whose scores canaries can weigh. */
  List<Detector> weighable() {
    return detectors.stream().filter(Detector::judgesCanaries).toList();
  }

  /** The rows. */
  Dataset<Row> rows() {
    return rows;
  }

  /**
   * At most so many canaries and so many samples, with what they are to be weighed by.
   *
   * @param features columns of {@link #rows()}
   * @param seed of the choice where there are more
   */
  TiltedMixture.Rows drawn(List<Column> features, int most, long seed) {
    List<Row> drawn = new ArrayList<>();
    for (boolean canary : new boolean[] {true, false}) {
      drawn.addAll(
          rows.where(col("canary").equalTo(canary))
              .orderBy(xxhash64(lit(seed), col("id")), col("id"))
              .limit(most)
              .select(col("canary"), array(features.toArray(Column[]::new)))
              .collectAsList());
    }
    return new TiltedMixture.Rows(
        drawn.stream().map(Candidates::features).toArray(double[][]::new),
        drawn.stream().mapToDouble(row -> row.getBoolean(0) ? 1 : 0).toArray(),
        drawn.stream().mapToDouble(row -> row.getBoolean(0) ? 0 : 1).toArray());
  }

  /** How many judged samples there are. */
  long samples() {
    return samples;
  }

  /** Whether the canaries are samples that are known to be bad. */
  boolean areKnown() {
    return known;
  }

  /**
   * The share of the samples that are bad where a detector knows good ones, too ({@link
   * ConfusedClasses#KIND}); empty elsewhere.
   */
  OptionalDouble shareBad() {
    return shareBad;
  }

  /** How many canaries there are. */
  long canaries() {
    return canaries;
  }

  /** Canaries and samples per score of each detector; no finding counts as score 0. */
  Map<String, ScoreCounts> countsByDetector() {
    Map<String, List<ScoreCounts.Cell>> cells = new TreeMap<>();
    if (detectors.isEmpty()) {
      return Map.of();
    }
    Column scores =
        array(
            detectors.stream()
                .map(d -> round(coalesce(d.score(), lit(0.0)), DIGITS))
                .toArray(Column[]::new));
    for (Row row :
        countedBy(rows.select(col("canary"), posexplode(scores)), "pos", "col").collectAsList()) {
      cells
          .computeIfAbsent(detectors.get(row.getInt(0)).name(), d -> new ArrayList<>())
          .add(new ScoreCounts.Cell(row.getDouble(1), row.getLong(2), row.getLong(3)));
    }
    Map<String, ScoreCounts> counts = new TreeMap<>();
    cells.forEach((detector, list) -> counts.put(detector, ScoreCounts.of(list)));
    return counts;
  }

  /** Canaries and samples per value of a column of scored candidates. */
  static ScoreCounts counts(Dataset<Row> scored, String column) {
    List<ScoreCounts.Cell> cells = new ArrayList<>();
    for (Row row : countedBy(scored, column).collectAsList()) {
      cells.add(new ScoreCounts.Cell(row.getDouble(0), row.getLong(1), row.getLong(2)));
    }
    return ScoreCounts.of(cells);
  }

  @Override
  public void close() {
    rows.unpersist();
  }

  private static double[] features(Row row) {
    return row.<Double>getList(1).stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static Dataset<Row> countedBy(Dataset<Row> rows, String first, String... others) {
    return rows.groupBy(first, others)
        .agg(count(when(col("canary"), 1)), count(when(col("canary").equalTo(false), 1)));
  }

  /** Findings that accuse a target: observations do not. */
  static Column accuses() {
    return not(col("kind").isin(Observation.kinds().toArray()));
  }

  /** A score that is not a number is no opinion. */
  private static Dataset<Row> findings(StepContext context, Table table, String id, String corpus) {
    return context
        .read(table)
        .where(col("corpus").equalTo(corpus).and(accuses()))
        .select(
            col(id).as("id"),
            col("detector"),
            col("kind"),
            when(isnan(col("score")), null).otherwise(col("score")).as("score"));
  }

  private static Dataset<Row> pivoted(Dataset<Row> findings, Iterable<String> names) {
    List<Column> scores = new ArrayList<>();
    for (String name : names) {
      scores.add(
          max(when(col("detector").equalTo(name), col("score"))).as("score_" + scores.size()));
    }
    return findings
        .groupBy("id", "canary")
        .agg(scores.get(0), scores.subList(1, scores.size()).toArray(Column[]::new));
  }

  private static scala.collection.immutable.Seq<String> keys() {
    return scala.jdk.javaapi.CollectionConverters.asScala(List.of("id", "canary")).toList();
  }
}
