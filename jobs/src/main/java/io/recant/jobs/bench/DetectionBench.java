package io.recant.jobs.bench;

import io.recant.core.label.ClassThresholds;
import io.recant.core.label.ConfidentJoint;
import io.recant.core.label.IssueFilter;
import io.recant.core.label.LabelFilter;
import io.recant.core.label.LabelScore;
import io.recant.core.stats.Ranking;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Label filters and scores on real label errors, to be held against cleanlab 2.9's figures. Reads
 * {@code predictions/cifar10n-aggre-resnet18.parquet} and {@code
 * predictions/mnist-test-label-errors.parquet} below {@code --data DIR} through Spark.
 */
public final class DetectionBench {

  private final int[] labels;
  private final double[][] p;
  private final boolean[] judged;
  private final boolean[] bad;

  private DetectionBench(List<Row> rows) {
    labels = new int[rows.size()];
    p = new double[rows.size()][];
    judged = new boolean[rows.size()];
    bad = new boolean[rows.size()];
    for (int i = 0; i < rows.size(); i++) {
      labels[i] = rows.get(i).getInt(0);
      p[i] = rows.get(i).<Float>getList(1).stream().mapToDouble(Float::doubleValue).toArray();
      judged[i] = !rows.get(i).isNullAt(2);
      bad[i] = judged[i] && rows.get(i).getBoolean(2);
    }
  }

  /** Prints the tables; {@code --data DIR} names the folder that holds {@code predictions}. */
  public static void main(String[] args) throws java.io.IOException {
    if (args.length != 2 || !args[0].equals("--data")) {
      throw new IllegalArgumentException("usage: DetectionBench --data DIR");
    }
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .appName("detection benchmark")
            .config("spark.ui.enabled", "false")
            .getOrCreate()) {
      String folder = args[1] + "/predictions/";
      of(
              spark,
              folder + "cifar10n-aggre-resnet18.parquet",
              "noisy_label",
              "noisy_label != true_label")
          .print("CIFAR-10N aggre", System.out);
      of(spark, folder + "mnist-test-label-errors.parquet", "label", "votes_given < 3")
          .print("MNIST test", System.out);
    }
  }

  private static DetectionBench of(SparkSession spark, String file, String label, String bad) {
    return new DetectionBench(
        spark
            .read()
            .parquet(file)
            .orderBy("image_index")
            .select(functions.col(label), functions.col("pred_probs"), functions.expr(bad))
            .collectAsList());
  }

  private void print(String name, PrintStream out) {
    out.printf(Locale.ROOT, "%s, %d rows%n", name, labels.length);
    out.printf("%-30s %7s %9s %6s %6s%n", "filter", "flagged", "precision", "recall", "F1");
    for (LabelFilter filter : LabelFilter.values()) {
      printFilter(filter, out);
    }
    out.printf("%-30s %7s %9s%n", "score", "AUROC", "AP");
    for (LabelScore score : LabelScore.values()) {
      Ranking ranking =
          Ranking.of(rows().mapToDouble(i -> score.score(p[i], labels[i])).toArray(), verdicts());
      out.printf(
          Locale.ROOT,
          "%-30s %7.4f %9.4f%n",
          score.name().toLowerCase(Locale.ROOT),
          ranking.auroc(),
          ranking.averagePrecision());
    }
    out.println();
  }

  private void printFilter(LabelFilter kind, PrintStream out) {
    boolean[] flags = flags(kind);
    int flagged = 0;
    int known = 0;
    int hits = 0;
    int errors = 0;
    for (int i = 0; i < flags.length; i++) {
      flagged += flags[i] ? 1 : 0;
      known += flags[i] && judged[i] ? 1 : 0;
      hits += flags[i] && bad[i] ? 1 : 0;
      errors += bad[i] ? 1 : 0;
    }
    double precision = (double) hits / known;
    double recall = (double) hits / errors;
    out.printf(
        Locale.ROOT,
        "%-30s %7d %9.3f %6.3f %6.3f%n",
        kind.name().toLowerCase(Locale.ROOT),
        flagged,
        precision,
        recall,
        2 * precision * recall / (precision + recall));
  }

  private boolean[] flags(LabelFilter kind) {
    ClassThresholds thresholds = new ClassThresholds(p[0].length);
    for (int i = 0; i < p.length; i++) {
      thresholds.add(labels[i], p[i]);
    }
    ConfidentJoint joint = new ConfidentJoint(thresholds.thresholds());
    for (int i = 0; i < p.length; i++) {
      joint.add(labels[i], p[i]);
    }
    IssueFilter filter = IssueFilter.of(kind, thresholds, joint);
    while (!filter.resolved()) {
      IssueFilter.Pass pass = filter.pass();
      for (int i = 0; i < p.length; i++) {
        pass.add(labels[i], p[i], tie(i));
      }
      filter = filter.after(pass);
    }
    boolean[] flags = new boolean[p.length];
    for (int i = 0; i < p.length; i++) {
      flags[i] = filter.flags(labels[i], p[i], tie(i));
    }
    return flags;
  }

  private static long tie(int row) {
    return row * 0x9E3779B97F4A7C15L;
  }

  private java.util.stream.IntStream rows() {
    return java.util.stream.IntStream.range(0, p.length).filter(i -> judged[i]);
  }

  private boolean[] verdicts() {
    int[] rows = rows().toArray();
    boolean[] verdicts = new boolean[rows.length];
    for (int i = 0; i < rows.length; i++) {
      verdicts[i] = bad[rows[i]];
    }
    return verdicts;
  }
}
