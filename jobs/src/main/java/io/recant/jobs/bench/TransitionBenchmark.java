package io.recant.jobs.bench;

import io.recant.core.config.Setting;
import io.recant.core.table.Table;
import io.recant.jobs.noise.TransitionEstimate;
import io.recant.spark.run.RunDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Every way to estimate how labels go wrong, by what {@code noise-transition} then finds: whole
 * pipelines on the embedded definitions, damaged by a confusion of two classes and by random flips.
 * {@code own_*} is at the threshold the decision chose without the truth.
 */
public final class TransitionBenchmark implements Benchmark<TransitionBenchmark.Settings> {

  private static final StructType FOUND =
      (StructType)
          DataType.fromDDL(
              "estimate string, seed bigint, auroc double, average_precision double, best_f1 double,"
                  + " own_precision double, own_recall double, own_f1 double");

  /** Settings of {@code transitions}. */
  public record Settings(
      @Setting(value = "Definitions, of 117,791", defaultValue = "6000", min = 200) int rows,
      @Setting(
              value = "Share of two classes given as each other",
              defaultValue = "0.3",
              min = 0,
              max = 1)
          double confused,
      @Setting(value = "Share of labels drawn anew", defaultValue = "0.06", min = 0, max = 1)
          double flipped,
      @Setting(value = "One row each", defaultValue = "[42]") List<Long> seeds) {}

  @Override
  public String name() {
    return "transitions";
  }

  @Override
  public String summary() {
    return "Label errors found with each estimate of the noise transition matrix.";
  }

  @Override
  public String source() {
    return "WordNet 3.1, as it comes along";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public void run(Settings settings, BenchContext context) {
    List<Row> found = new ArrayList<>();
    for (long seed : settings.seeds()) {
      for (TransitionEstimate.Method method : TransitionEstimate.Method.values()) {
        String estimate = method.name().toLowerCase(Locale.ROOT);
        context.note("estimate " + estimate + ", seed " + seed);
        RunDirectory run = context.pipeline(pipeline(settings, estimate, seed));
        double precision = measured(context, run, "decide", "precision");
        double recall = measured(context, run, "decide", "recall");
        found.add(
            RowFactory.create(
                estimate,
                seed,
                measured(context, run, "noise-transition", "auroc"),
                measured(context, run, "noise-transition", "average_precision"),
                measured(context, run, "noise-transition", "best_f1"),
                precision,
                recall,
                precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0));
      }
    }
    context.table("transitions", context.spark().createDataFrame(found, FOUND));
  }

  /** NaN where it was not measured. */
  private static double measured(
      BenchContext context, RunDirectory run, String detector, String measure) {
    return RunTables.read(context.spark(), run, Table.DETECTION_SCORES)
        .where(
            "basis = 'truth' and detector = '"
                + detector
                + "' and measure = '"
                + measure
                + "' and value is not null")
        .select("value")
        .collectAsList()
        .stream()
        .mapToDouble(row -> row.getDouble(0))
        .findFirst()
        .orElse(Double.NaN);
  }

  private static String pipeline(Settings settings, String estimate, long seed) {
    return """
        run: {id: transitions-%1$s-%2$d, seed: %2$d}
        steps: [ingest, inject, features, detect, decide, score]
        ingest:
          corpora:
            - {name: supersense, task: classification, source: {name: wordnet, form: supersense}, limit: %3$d}
        inject:
          corpora:
            supersense:
              - {name: interclass-confusion, classes: [noun.animal, noun.plant], share: %4$s}
              - {name: class-frequency-labels, share: %5$s}
        detect:
          detectors: [{name: noise-transition, estimate: %1$s}]
        """
        .formatted(estimate, seed, settings.rows(), settings.confused(), settings.flipped());
  }
}
