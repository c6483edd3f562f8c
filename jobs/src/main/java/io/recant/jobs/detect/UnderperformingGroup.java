package io.recant.jobs.detect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Setting;
import io.recant.core.decision.Observation;
import io.recant.core.vector.CellTree;
import io.recant.core.vector.VectorFrame;
import io.recant.jobs.neighbour.Sampling;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.Tuple2;

/**
 * Groups of alike rows whose labels a model doubts as a whole: a topic the annotators did not
 * understand, or the model did not. Groups are k-means cells of the input vectors; with g the mean
 * out-of-sample probability of the given label in a group and m that of the corpus, the score is 1
 * - g / m. A group gets findings, one for each of its rows, when the score reaches the setting and
 * g lies three standard errors below m. It is an {@link Observation}.
 */
public final class UnderperformingGroup implements Detector<UnderperformingGroup.Settings> {

  private static final int SAMPLE_PER_GROUP = 100;
  private static final int MOST_GROUPS = 1000;
  private static final int SHOWN = 3;
  private static final double SURE = 3;
  private static final double UNIT = 1e6;

  /** Settings of {@code underperforming-group}. */
  public record Settings(
      @Setting(
              value = "Rows of an average group; more, where that makes more than 1000 groups",
              defaultValue = "200",
              min = 10)
          int groupRows,
      @Setting(
              value = "Share of the corpus's label quality that a group must lack",
              defaultValue = "0.3",
              min = 0.01,
              max = 1)
          double lacking) {}

  /** A sample, and the probability of the class it was given. */
  private record Believed(String id, int shard, double p) implements Serializable {

    static Believed of(LabelledRow row) {
      return new Believed(row.id(), row.shard(), row.p()[row.given()]);
    }
  }

  /** Of a group: probabilities in millionths, so that sums do not depend on their order. */
  private record Quality(long rows, long sum, TreeSet<String> examples) implements Serializable {

    static Quality of(Believed row) {
      long p = Math.round(row.p() * UNIT);
      return new Quality(1, p, new TreeSet<>(List.of(row.id())));
    }

    Quality merge(Quality other) {
      TreeSet<String> both = new TreeSet<>(examples);
      both.addAll(other.examples);
      while (both.size() > SHOWN) {
        both.pollLast();
      }
      return new Quality(rows + other.rows, sum + other.sum, both);
    }

    double mean() {
      return sum / UNIT / rows;
    }
  }

  @Override
  public String name() {
    return "underperforming-group";
  }

  @Override
  public String summary() {
    return "Groups of alike rows with doubtful labels; shown, and not decided by.";
  }

  @Override
  public String source() {
    return "";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean appliesTo(Candidates candidates) {
    return candidates.task().equals(Candidates.CLASSIFICATION)
        && candidates.hasProbabilities()
        && candidates.hasVectors("input");
  }

  @Override
  public Dataset<Row> detect(Settings settings, Candidates candidates) {
    VectorFrame frame = candidates.neighbourhoods().frame();
    JavaPairRDD<Long, Believed> samples =
        candidates
            .labelled()
            .filter(row -> !row.canary() && row.isPredicted())
            .mapToPair(row -> new Tuple2<>(row.key(), Believed.of(row)));
    long rows = samples.count();
    int groups = (int) Math.max(1, Math.min(MOST_GROUPS, rows / settings.groupRows()));
    JavaPairRDD<Long, float[]> placed =
        candidates
            .vectorRows()
            .mapToPair(row -> new Tuple2<>(row.key(), frame.placed(row.vector())))
            .filter(pair -> pair._2().length > 0);
    float[][] drawn =
        placed
            .filter(p -> Sampling.draws(p._1(), rows, (long) groups * SAMPLE_PER_GROUP))
            .sortByKey()
            .values()
            .collect()
            .toArray(float[][]::new);
    if (drawn.length == 0) {
      return candidates.spark().createDataFrame(List.of(), Finding.SCHEMA);
    }
    CellTree tree =
        CellTree.of(frame.metric(), drawn, groups, candidates.seed("underperforming-group"));
    JavaPairRDD<Integer, Believed> grouped =
        samples
            .join(placed.mapValues(tree::cell))
            .mapToPair(pair -> new Tuple2<>(pair._2()._2(), pair._2()._1()));
    Map<Integer, Quality> qualities =
        new HashMap<>(grouped.mapValues(Quality::of).reduceByKey(Quality::merge).collectAsMap());
    double usual =
        qualities.values().stream().reduce(Quality::merge).map(Quality::mean).orElse(0.0);
    qualities.values().removeIf(group -> !stands(group, usual, settings.lacking()));
    return Finding.table(
        candidates.spark(),
        grouped
            .filter(pair -> qualities.containsKey(pair._1()))
            .map(pair -> finding(pair._2(), qualities.get(pair._1()), usual)));
  }

  /** A variable in [0, 1] of mean m varies by m (1 - m) at most. */
  private static boolean stands(Quality group, double usual, double lacking) {
    double error = Math.sqrt(usual * (1 - usual) / group.rows());
    return 1 - group.mean() / usual >= lacking && group.mean() < usual - SURE * error;
  }

  private static Row finding(Believed row, Quality group, double usual) {
    ObjectNode evidence = Finding.evidence();
    evidence.put("rows_of_group", group.rows());
    evidence.put("label_quality", Finding.rounded(group.mean()));
    evidence.put("label_quality_of_corpus", Finding.rounded(usual));
    group.examples().forEach(evidence.putArray("examples")::add);
    return Finding.of(
        row.id(),
        row.shard(),
        false,
        Observation.UNDERPERFORMING_GROUP.kind(),
        Math.max(0, 1 - group.mean() / usual),
        null,
        String.format(
            Locale.ROOT,
            "one of %,d rows alike whose labels have a mean probability of %.2f, against %.2f in the"
                + " corpus; such as %s",
            group.rows(),
            group.mean(),
            usual,
            String.join(", ", group.examples())),
        evidence);
  }
}
