package io.recant.jobs.features;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.xxhash64;

import io.recant.spark.step.Seeds;
import io.recant.spark.step.StepContext;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Canaries of a generation corpus: copies of samples with the target of another sample. For every
 * other one that is a sample with a similar target, a plausible mix-up; for the rest it is any, as
 * when lines slip. How alike the targets of real errors are nobody knows: with similar ones alone
 * errors would look harder to find than they are, and the share of bad samples larger. Both are
 * looked for among the rows of a block of bounded size, so the cost stays linear.
 */
final class PairCanaries {

  private static final String INJECTOR = "swapped-target";

  /** Rows among which similar targets are looked for. */
  private static final int BLOCK = 2000;

  /** A donor is one of this many most similar targets. */
  private static final int NEAREST = 50;

  private PairCanaries() {}

  /**
   * Draws canaries.
   *
   * @param pairs {@code corpus, shard, sample_id, target, input_vector, target_vector}
   * @return {@code corpus, shard, canary_id, sample_id, injector, target, donor_id, input_vector}
   */
  static Dataset<Row> draw(
      StepContext context, FeaturesConfig config, String corpus, Dataset<Row> pairs, long rows) {
    long seed = Seeds.derive(context.seed(), "features/canaries/" + corpus);
    int blocks = (int) Math.max(1, (rows + BLOCK - 1) / BLOCK);
    double share =
        Math.min(config.canaries().generationShare(), (double) config.canaries().most() / rows);
    return pairs
        .withColumn(
            "block", pmod(xxhash64(col("sample_id"), lit(seed)), lit((long) blocks)).cast("int"))
        .repartitionById(blocks, col("block"))
        .sortWithinPartitions("sample_id")
        .mapPartitions(
            (MapPartitionsFunction<Row, Row>) block -> canaries(block, share, seed),
            Encoders.row(schema()));
  }

  private static StructType schema() {
    return (StructType)
        DataType.fromDDL(
            "corpus string, shard int, canary_id string, sample_id string, injector string, target string,"
                + " donor_id string, input_vector array<float>");
  }

  private static Iterator<Row> canaries(Iterator<Row> block, double share, long seed) {
    List<Row> rows = new ArrayList<>();
    block.forEachRemaining(rows::add);
    float[][] targets =
        rows.stream().map(row -> Vectors.of(row, "target_vector")).toArray(float[][]::new);
    List<Row> canaries = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      SplittableRandom random =
          new SplittableRandom(
              seed ^ rows.get(i).<String>getAs("sample_id").hashCode() * 0x9E3779B97F4A7C15L);
      int copies = (int) share + (random.nextDouble() < share - Math.floor(share) ? 1 : 0);
      List<Integer> similar = copies == 0 ? List.of() : nearest(rows, targets, i);
      for (int c = 0; c < copies && !similar.isEmpty(); c++) {
        int donor =
            random.nextBoolean()
                ? similar.get(random.nextInt(similar.size()))
                : any(rows, i, random);
        canaries.add(canary(rows.get(i), rows.get(donor), c));
      }
    }
    return canaries.iterator();
  }

  /** A row with another target; there is one. */
  private static int any(List<Row> rows, int of, SplittableRandom random) {
    String own = rows.get(of).getAs("target");
    int drawn = random.nextInt(rows.size());
    while (own.equals(rows.get(drawn).getAs("target"))) {
      drawn = (drawn + 1) % rows.size();
    }
    return drawn;
  }

  /** The rows with the most similar, but different, targets. */
  private static List<Integer> nearest(List<Row> rows, float[][] targets, int of) {
    String own = rows.get(of).getAs("target");
    record Candidate(double similarity, int row) {}
    PriorityQueue<Candidate> best =
        new PriorityQueue<>(
            java.util.Comparator.comparingDouble(Candidate::similarity)
                .thenComparing(Candidate::row));
    for (int j = 0; j < targets.length; j++) {
      if (j != of && !own.equals(rows.get(j).getAs("target"))) {
        best.add(new Candidate(Vectors.dot(targets[of], targets[j]), j));
        if (best.size() > NEAREST) {
          best.poll();
        }
      }
    }
    return best.stream().map(Candidate::row).sorted().toList();
  }

  private static Row canary(Row original, Row donor, int copy) {
    String id = original.getAs("sample_id");
    return RowFactory.create(
        original.getAs("corpus"),
        original.getAs("shard"),
        "canary-" + id + "-" + copy,
        id,
        INJECTOR,
        donor.getAs("target"),
        donor.getAs("sample_id"),
        original.getAs("input_vector"));
  }
}
