package io.recant.jobs.report;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;

import io.recant.core.table.Table;
import io.recant.jobs.report.ReportData.Corpus;
import io.recant.jobs.report.ReportData.Count;
import io.recant.jobs.report.ReportData.DetectionScore;
import io.recant.jobs.report.ReportData.Planted;
import io.recant.spark.step.StepContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Row;

/** Where the rows of every corpus went: counts by group, never rows. */
final class RowFlow {

  /** Equal bins of {@code p_bad} over [0, 1]. */
  static final int BINS = 20;

  private static final int MOST_REASON_CODES = 20;

  /** A measure of inject, after the corpus's name. */
  private static final String ROWS_ADDED = ".rows_added";

  private final Map<String, List<Count>> splits = new HashMap<>();
  private final Map<String, Long> added = new HashMap<>();
  private final Map<String, List<Count>> quarantine = new HashMap<>();
  private final Map<String, Map<String, Decided>> decisions = new HashMap<>();
  private final Map<String, List<Long>> histograms = new HashMap<>();
  private final Map<String, List<Planted>> planted = new HashMap<>();

  private record Decided(long rows, long judged, Double threshold) {}

  private RowFlow() {}

  /** Counts the rows of every corpus. */
  static RowFlow of(StepContext context) {
    RowFlow flow = new RowFlow();
    flow.countSamples(context);
    flow.countAdded(context);
    flow.countQuarantine(context);
    flow.countDecisions(context);
    flow.countPlanted(context);
    return flow;
  }

  /** The corpora, those with the most rows read first. */
  List<Corpus> corpora(List<DetectionScore> scores) {
    TreeSet<String> names = new TreeSet<>(splits.keySet());
    names.addAll(quarantine.keySet());
    names.addAll(decisions.keySet());
    return names.stream()
        .map(name -> corpus(name, scores))
        .sorted(Comparator.comparingLong(Corpus::read).reversed())
        .toList();
  }

  private Corpus corpus(String name, List<DetectionScore> scores) {
    List<Count> bySplit = splits.getOrDefault(name, List.of());
    List<Count> byCode = quarantine.getOrDefault(name, List.of());
    Map<String, Decided> byAction = decisions.getOrDefault(name, Map.of());
    long samples = total(bySplit);
    long quarantined = total(byCode);
    Corpus counted =
        new Corpus(
            name,
            samples - added.getOrDefault(name, 0L) + quarantined,
            quarantined,
            samples,
            bySplit,
            byCode.subList(0, Math.min(MOST_REASON_CODES, byCode.size())),
            byAction.values().stream().mapToLong(Decided::rows).sum(),
            byAction.values().stream().mapToLong(Decided::judged).sum(),
            rows(byAction, "forget"),
            rows(byAction, "review"),
            rows(byAction, "retain"),
            byAction.values().stream()
                .map(Decided::threshold)
                .filter(t -> t != null)
                .max(Comparator.naturalOrder())
                .orElse(null),
            histograms.getOrDefault(name, List.of()),
            planted.getOrDefault(name, List.of()),
            List.of());
    return Headline.addTo(counted, scores);
  }

  private void countSamples(StepContext context) {
    for (Row row :
        context
            .read(Table.SAMPLES)
            .groupBy("corpus", "split")
            .count()
            .orderBy(col("count").desc())
            .collectAsList()) {
      add(splits, row.getString(0), new Count(row.getString(1), row.getLong(2)));
    }
  }

  /** Rows that injectors have added came from no source. */
  private void countAdded(StepContext context) {
    context
        .runDirectory()
        .manifest("inject")
        .ifPresent(
            manifest ->
                manifest
                    .measures()
                    .forEach(
                        (name, value) -> {
                          if (name.endsWith(ROWS_ADDED)) {
                            added.put(
                                name.substring(0, name.length() - ROWS_ADDED.length()),
                                Math.round(value));
                          }
                        }));
  }

  private void countQuarantine(StepContext context) {
    for (Row row :
        context
            .read(Table.QUARANTINE)
            .groupBy("corpus", "code")
            .count()
            .orderBy(col("count").desc())
            .collectAsList()) {
      add(quarantine, row.getString(0), new Count(row.getString(1), row.getLong(2)));
    }
  }

  private void countDecisions(StepContext context) {
    for (Row row :
        context
            .read(Table.DECISIONS)
            .groupBy("corpus", "action")
            .agg(count(lit(1)), count("p_bad"), max("threshold"))
            .collectAsList()) {
      decisions
          .computeIfAbsent(row.getString(0), c -> new TreeMap<>())
          .put(
              row.getString(1),
              new Decided(
                  row.getLong(2), row.getLong(3), row.isNullAt(4) ? null : row.getDouble(4)));
    }
    for (Row row :
        context
            .read(Table.DECISIONS)
            .where(col("p_bad").isNotNull())
            .groupBy(
                col("corpus"),
                least(floor(col("p_bad").multiply(BINS)), lit((long) BINS - 1)).as("bin"))
            .count()
            .collectAsList()) {
      histograms
          .computeIfAbsent(row.getString(0), c -> zeros())
          .set(Math.toIntExact(row.getLong(1)), row.getLong(2));
    }
  }

  private void countPlanted(StepContext context) {
    Map<String, Map<String, Map<String, Long>>> counts = new TreeMap<>();
    for (Row row :
        context
            .read(Table.INJECTIONS)
            .select("corpus", "shard", "sample_id", "injector")
            .join(
                context.read(Table.DECISIONS).select("corpus", "shard", "sample_id", "action"),
                new String[] {"corpus", "shard", "sample_id"},
                "left")
            .groupBy(col("corpus"), col("injector"), coalesce(col("action"), lit("")).as("action"))
            .count()
            .collectAsList()) {
      counts
          .computeIfAbsent(row.getString(0), c -> new TreeMap<>())
          .computeIfAbsent(row.getString(1), i -> new LinkedHashMap<>())
          .put(row.getString(2), row.getLong(3));
    }
    counts.forEach(
        (corpus, byInjector) ->
            byInjector.forEach(
                (injector, byAction) ->
                    add(
                        planted,
                        corpus,
                        new Planted(
                            injector,
                            byAction.values().stream().mapToLong(Long::longValue).sum(),
                            byAction.getOrDefault("forget", 0L),
                            byAction.getOrDefault("review", 0L),
                            byAction.getOrDefault("retain", 0L)))));
  }

  private static long rows(Map<String, Decided> byAction, String action) {
    Decided decided = byAction.get(action);
    return decided == null ? 0 : decided.rows();
  }

  private static long total(List<Count> counts) {
    return counts.stream().mapToLong(Count::rows).sum();
  }

  private static List<Long> zeros() {
    return new ArrayList<>(java.util.Collections.nCopies(BINS, 0L));
  }

  private static <T> void add(Map<String, List<T>> lists, String key, T value) {
    lists.computeIfAbsent(key, k -> new ArrayList<>()).add(value);
  }
}
