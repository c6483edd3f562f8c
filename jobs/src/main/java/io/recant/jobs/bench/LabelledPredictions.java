package io.recant.jobs.bench;

import io.recant.core.label.ClassThresholds;
import io.recant.core.label.ConfidentJoint;
import io.recant.core.label.IssueFilter;
import io.recant.core.label.LabelFilter;
import io.recant.core.label.LabelScore;
import io.recant.core.stats.Ranking;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/** Labels, out-of-sample probabilities and the truth of a benchmark corpus, in memory. */
final class LabelledPredictions {

  private final String name;
  private final int[] labels;
  private final double[][] p;
  private final boolean[] judged;
  private final boolean[] bad;

  /**
   * What a filter flags.
   *
   * @param rows how many
   * @param precision share of the flagged rows of known truth that are bad
   * @param recall share of the bad rows that are flagged
   */
  record Flagged(long rows, double precision, double recall) {

    /** Harmonic mean of precision and recall. */
    double f1() {
      return 2 * precision * recall / (precision + recall);
    }
  }

  private LabelledPredictions(String name, List<Row> rows) {
    this.name = name;
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

  /**
   * Reads a file with columns {@code image_index, pred_probs}.
   *
   * @param label the column of the given class
   * @param bad whether a row is bad, as an expression; null where nobody knows
   */
  static LabelledPredictions read(
      SparkSession spark, String name, String file, String label, String bad) {
    return new LabelledPredictions(
        name,
        spark
            .read()
            .parquet(file)
            .orderBy("image_index")
            .select(functions.col(label), functions.col("pred_probs"), functions.expr(bad))
            .collectAsList());
  }

  /** From rows of the given class, its probabilities and whether it is bad. */
  static LabelledPredictions of(String name, Dataset<Row> rows) {
    return new LabelledPredictions(name, rows.collectAsList());
  }

  /** What the corpus is called. */
  String name() {
    return name;
  }

  /** What a filter flags, as cleanlab flags it. */
  Flagged flagged(LabelFilter kind) {
    boolean[] flags = flags(kind);
    long rows = IntStream.range(0, p.length).filter(i -> flags[i]).count();
    long known = IntStream.range(0, p.length).filter(i -> flags[i] && judged[i]).count();
    long hits = IntStream.range(0, p.length).filter(i -> flags[i] && bad[i]).count();
    long errors = IntStream.range(0, p.length).filter(i -> bad[i]).count();
    return new Flagged(rows, (double) hits / known, (double) hits / errors);
  }

  /** How a score ranks the rows of known truth. */
  Ranking ranking(LabelScore score) {
    return Ranking.of(rows().mapToDouble(i -> score.score(p[i], labels[i])).toArray(), verdicts());
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

  private IntStream rows() {
    return IntStream.range(0, p.length).filter(i -> judged[i]);
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
