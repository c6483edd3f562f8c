package io.recant.jobs.detect;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Setting;
import io.recant.core.label.NeighbourVote;
import io.recant.core.vector.Nearest;
import io.recant.jobs.noise.TransitionEstimate;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Labels that the nearest neighbours in the representation of a pretrained model do not carry. Use
 * it where there are vectors and no probabilities, or beside detectors that read probabilities: it
 * errs on other rows. Near-duplicates do not vote.
 */
public final class NeighbourCredibility implements Detector<NeighbourCredibility.Settings> {

  /** Settings of {@code neighbour-credibility}. */
  public record Settings(
      @Setting(
              value = "Neighbours that vote; at most detect.neighbours.k",
              defaultValue = "15",
              min = 1,
              max = 500)
          int k,
      @Setting(
              value =
                  "What reasons call the rows, in the plural, as in '12 of 15 nearest definitions'",
              defaultValue = "rows")
          String rowsCalled,
      @Setting(
              value =
                  "credibility: against the class's base rate, near neighbours count for much more;"
                      + " simifeat: -log of the share of neighbours, weighted by cosine",
              defaultValue = "credibility")
          Vote vote) {}

  /** How neighbours vote. */
  public enum Vote {
    /** {@link NeighbourVote#doubt}. */
    CREDIBILITY {
      @Override
      NeighbourVote of(Nearest nearest, int k, int classes) {
        return NeighbourVote.of(nearest.similarities(), nearest.labels(), k, classes);
      }

      @Override
      double score(NeighbourVote vote, int given, double baseRate) {
        return vote.doubt(given, baseRate);
      }
    },
    /** {@link NeighbourVote#surprise}: SimiFeat's, which knows no base rates. */
    SIMIFEAT {
      @Override
      NeighbourVote of(Nearest nearest, int k, int classes) {
        return NeighbourVote.linear(nearest.similarities(), nearest.labels(), k, classes);
      }

      @Override
      double score(NeighbourVote vote, int given, double baseRate) {
        return vote.surprise(given);
      }
    };

    abstract NeighbourVote of(Nearest nearest, int k, int classes);

    abstract double score(NeighbourVote vote, int given, double baseRate);
  }

  @Override
  public String name() {
    return "neighbour-credibility";
  }

  @Override
  public String summary() {
    return "Labels that a row's nearest neighbours do not share.";
  }

  @Override
  public String source() {
    return "after: Pre-trained Language Models as Re-Annotators, 2022; SimiFeat: Zhu, Dong, Liu, ICML 2022";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean appliesTo(Candidates candidates) {
    return candidates.task().equals(Candidates.CLASSIFICATION) && candidates.hasVectors("input");
  }

  @Override
  public Dataset<Row> detect(Settings settings, Candidates candidates) {
    JavaRDD<LabelledRow> rows = candidates.labelled();
    List<String> classes = candidates.classes();
    double[] shares =
        TransitionEstimate.shares(
            rows.filter(row -> !row.canary()).map(LabelledRow::given), classes.size());
    String called = settings.rowsCalled();
    int k = settings.k();
    Vote how = settings.vote();
    return Finding.table(
        candidates.spark(),
        rows.mapToPair(row -> new scala.Tuple2<>(row.key(), row))
            .leftOuterJoin(candidates.neighbours())
            .values()
            .map(
                pair -> {
                  Nearest nearest = pair._2().orElse(Nearest.NONE);
                  return finding(
                      pair._1(), how.of(nearest, k, classes.size()), how, shares, classes, called);
                }));
  }

  private static Row finding(
      LabelledRow row,
      NeighbourVote vote,
      Vote how,
      double[] shares,
      List<String> classes,
      String called) {
    ObjectNode evidence = Finding.evidence();
    evidence.put("neighbours", vote.size());
    evidence.put("same_label", vote.counts()[row.given()]);
    evidence.put("base_rate", Finding.rounded(shares[row.given()]));
    if (vote.size() > 0) {
      evidence.put("weighted_share", Finding.rounded(vote.share(row.given())));
    }
    int favourite = vote.favourite();
    boolean agrees = vote.size() == 0 || favourite == row.given();
    return Finding.of(
        row.id(),
        row.shard(),
        row.canary(),
        Finding.LABEL_ERROR,
        how.score(vote, row.given(), shares[row.given()]),
        agrees ? null : classes.get(favourite),
        vote.size() == 0
            ? "it has no neighbours to compare with"
            : vote.counts()[favourite]
                + " of "
                + vote.size()
                + " nearest "
                + called
                + " are "
                + classes.get(favourite)
                + "; given "
                + classes.get(row.given()),
        evidence);
  }
}
