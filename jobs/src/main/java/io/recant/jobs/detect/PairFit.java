package io.recant.jobs.detect;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.xxhash64;

import io.recant.core.label.ExactSums;
import io.recant.core.vector.DotBlock;
import io.recant.core.vector.Nearest;
import io.recant.jobs.noise.States;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * How well the targets of a corpus fit their prompts, by the vectors of both. Two numbers: the
 * cosine of prompt and target; and where that stands among the cosines of the prompt with the
 * targets most similar to its own (z), found in blocks of bounded size. Both are standardised over
 * the samples.
 */
final class PairFit {

  private static final int BLOCK = 2000;
  private static final int SIMILAR = 50;
  private static final int RANDOM = 256;

  private PairFit() {}

  /**
   * A candidate pair; {@code information} is the pointwise mutual information, NaN where unknown.
   */
  private record Pair(
      String id,
      int shard,
      boolean canary,
      String sampleId,
      String input,
      String target,
      double information,
      float[] prompt,
      float[] answer)
      implements Serializable {}

  /**
   * What is known of a pair.
   *
   * @param z where its cosine stands among those with similar targets, in standard deviations
   * @param randomBeaten random targets that fit its prompt less than its own
   * @param rival the sample whose similar target fits the prompt best; null without any
   * @param information log p(target | prompt) - log p(target), nats a token; NaN where unknown
   */
  record Fit(
      String id,
      int shard,
      boolean canary,
      String sampleId,
      String input,
      String target,
      double cosine,
      double z,
      int randomBeaten,
      int random,
      String rival,
      double rivalCosine,
      double information)
      implements Serializable {}

  /**
   * Means and standard deviations over the samples; 0 and 1 where unknown.
   *
   * @param mean of cosine, z and information
   * @param deviation of the same
   */
  record Scale(double[] mean, double[] deviation) implements Serializable {

    /** How badly a pair fits, in [0, 1]: Phi of minus the joint standard score. */
    double doubt(Fit fit, double informationWeight) {
      double sum = standard(0, fit.cosine()) + standard(1, fit.z());
      double squares = 2;
      if (informationWeight > 0 && !Double.isNaN(fit.information())) {
        sum += informationWeight * standard(2, fit.information());
        squares += informationWeight * informationWeight;
      }
      return NormalDistribution.of(0, 1).cumulativeProbability(-sum / Math.sqrt(squares));
    }

    private double standard(int which, double value) {
      return (value - mean[which]) / deviation[which];
    }
  }

  /** The fits of all candidates that have both vectors; cached with the candidates. */
  static JavaRDD<Fit> of(Candidates candidates) {
    return candidates.shared(
        "pair-fit",
        () -> {
          JavaRDD<Fit> fits = fits(candidates).persist(StorageLevel.MEMORY_AND_DISK());
          candidates.releaseLater(fits::unpersist);
          return fits;
        });
  }

  private static JavaRDD<Fit> fits(Candidates candidates) {
    long seed = candidates.seed("pair-fit");
    Dataset<Row> pairs = candidates.pairs().persist(StorageLevel.MEMORY_AND_DISK());
    candidates.releaseLater(pairs::unpersist);
    long rows = pairs.where("not canary").count();
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(candidates.spark().sparkContext());
    Broadcast<List<Pair>> random = spark.broadcast(random(pairs, rows, seed));
    int blocks = (int) Math.max(1, (rows + BLOCK - 1) / BLOCK);
    return pairs
        .withColumn(
            "block", pmod(xxhash64(col("sample_id"), lit(seed)), lit((long) blocks)).cast("int"))
        .repartitionById(blocks, col("block"))
        .toJavaRDD()
        .mapPartitions(block -> block(block, random.value()));
  }

  private static List<Pair> random(Dataset<Row> pairs, long rows, long seed) {
    long bound = rows <= RANDOM ? Long.MAX_VALUE : (long) ((double) RANDOM / rows * Long.MAX_VALUE);
    List<Pair> random = new ArrayList<>();
    pairs
        .where("not canary")
        .where(xxhash64(lit(seed), col("sample_id")).bitwiseAND(lit(Long.MAX_VALUE)).leq(bound))
        .collectAsList()
        .forEach(row -> random.add(pair(row)));
    random.removeIf(pair -> pair.answer().length == 0);
    random.sort(Comparator.comparing(Pair::id));
    return random;
  }

  private static Pair pair(Row row) {
    Double prompted = row.getAs("loss");
    Double unprompted = row.getAs("loss_unprompted");
    return new Pair(
        row.getAs("candidate_id"),
        row.<Integer>getAs("shard"),
        row.<Boolean>getAs("canary"),
        row.getAs("sample_id"),
        row.getAs("input"),
        row.getAs("target"),
        prompted == null || unprompted == null ? Double.NaN : unprompted - prompted,
        Vectors.unit(row, row.fieldIndex("input_vector")),
        Vectors.unit(row, row.fieldIndex("target_vector")));
  }

  private static Iterator<Fit> block(Iterator<Row> rows, List<Pair> random) {
    List<Pair> pairs = new ArrayList<>();
    rows.forEachRemaining(row -> pairs.add(pair(row)));
    pairs.removeIf(pair -> pair.prompt().length == 0 || pair.answer().length == 0);
    pairs.sort(Comparator.comparing(Pair::id));
    List<Pair> base = pairs.stream().filter(pair -> !pair.canary()).toList();
    List<Fit> fits = new ArrayList<>(pairs.size());
    if (base.isEmpty()) {
      return fits.iterator();
    }
    DotBlock targets = new DotBlock(base.stream().map(Pair::answer).toArray(float[][]::new));
    for (Pair pair : pairs) {
      fits.add(fit(pair, base, targets.dots(pair.answer()), targets.dots(pair.prompt()), random));
    }
    return fits.iterator();
  }

  private static Fit fit(
      Pair pair, List<Pair> base, float[] byTarget, float[] byPrompt, List<Pair> random) {
    double cosine = Vectors.dot(pair.prompt(), pair.answer());
    Nearest.Collector collector = new Nearest.Collector(SIMILAR);
    for (int j = 0; j < byTarget.length; j++) {
      Pair other = base.get(j);
      if (byTarget[j] >= collector.floor()
          && !other.sampleId().equals(pair.sampleId())
          && !other.target().equals(pair.target())) {
        collector.offer(byTarget[j], j, j);
      }
    }
    int[] similar = collector.nearest().labels();
    double sum = 0;
    double squares = 0;
    int rival = -1;
    for (int j : similar) {
      sum += byPrompt[j];
      squares += (double) byPrompt[j] * byPrompt[j];
      rival = rival < 0 || byPrompt[j] > byPrompt[rival] ? j : rival;
    }
    double mean = sum / Math.max(1, similar.length);
    double deviation =
        Math.sqrt(Math.max(1e-4, squares / Math.max(1, similar.length) - mean * mean));
    List<Pair> others = random.stream().filter(r -> !r.target().equals(pair.target())).toList();
    long beaten =
        others.stream().filter(r -> Vectors.dot(pair.prompt(), r.answer()) < cosine).count();
    return new Fit(
        pair.id(),
        pair.shard(),
        pair.canary(),
        pair.sampleId(),
        pair.input(),
        pair.target(),
        cosine,
        similar.length < 2 ? 0 : (cosine - mean) / deviation,
        (int) beaten,
        others.size(),
        rival < 0 ? null : base.get(rival).sampleId(),
        rival < 0 ? 0 : byPrompt[rival],
        pair.information());
  }

  /** The scale of the samples' fits. */
  static Scale scale(JavaRDD<Fit> fits) {
    ExactSums sums =
        States.over(
            fits.filter(fit -> !fit.canary()),
            new ExactSums(9),
            (state, fit) -> {
              double[] values = {fit.cosine(), fit.z(), fit.information()};
              for (int i = 0; i < values.length; i++) {
                if (!Double.isNaN(values[i])) {
                  state.add(3 * i, 1);
                  state.add(3 * i + 1, values[i]);
                  state.add(3 * i + 2, values[i] * values[i]);
                }
              }
              return state;
            },
            ExactSums::merge);
    double[] mean = new double[3];
    double[] deviation = new double[3];
    for (int i = 0; i < 3; i++) {
      double n = Math.max(1, sums.get(3 * i));
      mean[i] = sums.get(3 * i + 1) / n;
      double variance = sums.get(3 * i + 2) / n - mean[i] * mean[i];
      deviation[i] = variance > 1e-12 ? Math.sqrt(variance) : 1;
    }
    return new Scale(mean, deviation);
  }
}
