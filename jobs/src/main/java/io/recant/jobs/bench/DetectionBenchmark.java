package io.recant.jobs.bench;

import io.recant.core.config.Setting;
import io.recant.core.label.LabelFilter;
import io.recant.core.label.LabelScore;
import io.recant.core.stats.Ranking;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Detection on real errors, beside every filter and score of cleanlab 2.9; and whole pipelines on
 * corpora whose errors are known, with what each says about itself beside what is true.
 */
public final class DetectionBenchmark implements Benchmark<DetectionBenchmark.Settings> {

  private static final StructType FILTERS =
      (StructType)
          DataType.fromDDL(
              "corpus string, filter string, flagged bigint, precision double, recall double,"
                  + " f1 double");
  private static final StructType SCORES =
      (StructType)
          DataType.fromDDL(
              "corpus string, score string, auroc double, average_precision double, best_f1 double");

  /** Settings of {@code detection}. */
  public record Settings(
      @Setting(
              value =
                  "Corpora that go through a whole pipeline: cifar10n-aggre, -worse, -random1, -random2,"
                      + " -random3, the same with -pixels (vectors of the pictures as well), hausa,"
                      + " supersense-confused, supersense-flips (117,791 rows)",
              defaultValue =
                  "[cifar10n-aggre, cifar10n-random1, cifar10n-worse, hausa, supersense-confused]")
          List<String> pipelines) {}

  @Override
  public String name() {
    return "detection";
  }

  @Override
  public String summary() {
    return "Label errors found on data with real errors, beside cleanlab's filters and scores.";
  }

  @Override
  public String source() {
    return "CIFAR-10N: Wei et al., ICLR 2022; MNIST: Northcutt, Athalye, Mueller, NeurIPS 2021";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public void run(Settings settings, BenchContext context) {
    String folder = context.data().resolve("predictions").toString();
    List<LabelledPredictions> corpora =
        List.of(
            LabelledPredictions.read(
                context.spark(),
                "CIFAR-10N aggre",
                folder + "/cifar10n-aggre-resnet18.parquet",
                "noisy_label",
                "noisy_label != true_label"),
            LabelledPredictions.read(
                context.spark(),
                "MNIST test",
                folder + "/mnist-test-label-errors.parquet",
                "label",
                "votes_given < 3"));
    List<Row> filters = new ArrayList<>();
    List<Row> scores = new ArrayList<>();
    for (LabelledPredictions corpus : corpora) {
      for (LabelFilter filter : LabelFilter.values()) {
        LabelledPredictions.Flagged flagged = corpus.flagged(filter);
        filters.add(
            RowFactory.create(
                corpus.name(),
                filter.name().toLowerCase(Locale.ROOT),
                flagged.rows(),
                flagged.precision(),
                flagged.recall(),
                flagged.f1()));
      }
      for (LabelScore score : LabelScore.values()) {
        Ranking ranking = corpus.ranking(score);
        scores.add(
            RowFactory.create(
                corpus.name(),
                score.name().toLowerCase(Locale.ROOT),
                ranking.auroc(),
                ranking.averagePrecision(),
                ranking.best().f1()));
      }
    }
    context.table("filters", context.spark().createDataFrame(filters, FILTERS));
    context.table("scores", context.spark().createDataFrame(scores, SCORES));
    pipelines(settings.pipelines(), context);
  }

  private static void pipelines(List<String> names, BenchContext context) {
    List<Row> pipelines = new ArrayList<>();
    List<Row> detectors = new ArrayList<>();
    DetectionCorpora corpora = new DetectionCorpora(context);
    for (String name : names) {
      DetectionQuality quality = new DetectionQuality(context.spark(), corpora.judged(name));
      pipelines.add(quality.pipeline());
      detectors.addAll(quality.detectors());
    }
    context.table(
        "pipelines", context.spark().createDataFrame(pipelines, DetectionQuality.PIPELINES));
    context.table(
        "detectors", context.spark().createDataFrame(detectors, DetectionQuality.DETECTORS));
  }
}
