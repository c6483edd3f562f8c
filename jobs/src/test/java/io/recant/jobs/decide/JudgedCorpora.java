package io.recant.jobs.decide;

import io.recant.core.label.ConfusedClasses;
import io.recant.core.table.Table;
import io.recant.jobs.CorporaStep;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Writes what decide reads, of a known truth. Corpus {@code known} has canaries and four detectors:
 * {@code strong} and {@code weak} score bad rows higher, {@code contrary} lower, {@code sparse} has
 * a finding for every third row. Corpus {@code given} has findings and no canaries, corpus {@code
 * unseen} none that accuse a target; both have observations, which must not count. Corpus {@code
 * told} has no canaries, but some of its bad samples are known. So it is with corpus {@code
 * paired}, of which most samples are bad, by a detector that knows good ones too.
 */
final class JudgedCorpora extends CorporaStep {

  static final int TRAIN = 4000;
  static final int TEST = 500;
  static final int CANARIES = 500;
  static final int OTHERS = 200;
  static final int TOLD = 1600;
  static final int PAIRED = 1600;
  private static final double PAIRED_SHARE = 0.6;

  private final double share;
  private final boolean onlyKnown;
  private final Random random = new Random(17);
  private final Map<String, Boolean> truth = new HashMap<>();
  private final Set<String> known = new HashSet<>();
  private final Set<String> hidden = new HashSet<>();
  private int pairedBad;
  private int pairedGood;

  /** All four, or the first alone: for what is asked of that one only. */
  JudgedCorpora(double share, int partitions, boolean onlyKnown) {
    super(
        partitions,
        Set.of(
            Table.SAMPLES,
            Table.FINDINGS,
            Table.CANARIES,
            Table.CANARY_FINDINGS,
            Table.EMBEDDINGS,
            Table.KNOWN_BAD));
    this.share = share;
    this.onlyKnown = onlyKnown;
  }

  /** Whether a train sample of corpus {@code known} is bad. */
  Map<String, Boolean> truth() {
    return truth;
  }

  /** The bad samples of corpus {@code told} that somebody knows. */
  Set<String> known() {
    return known;
  }

  /** Those that nobody knows. */
  Set<String> hidden() {
    return hidden;
  }

  /** The share of the samples of corpus {@code paired} that are bad, of those that nobody knows. */
  double pairedShare() {
    return pairedBad / (double) (pairedBad + pairedGood);
  }

  @Override
  protected void fill() {
    for (int i = 0; i < TRAIN; i++) {
      boolean bad = random.nextDouble() < share;
      String id = "s" + i;
      truth.put(id, bad);
      sample("known", "classification", id, "given", "train");
      findings(Table.FINDINGS, id, bad);
      add(Table.EMBEDDINGS, id, "m", "input", List.of((float) i, 1f), "known", i % 4);
    }
    for (int i = 0; i < TEST; i++) {
      sample("known", "classification", "t" + i, "given", "test");
      findings(Table.FINDINGS, "t" + i, true);
    }
    for (int i = 0; i < CANARIES; i++) {
      add(
          Table.CANARIES,
          "c" + i,
          "s" + i,
          "flips",
          "false",
          null,
          null,
          null,
          null,
          "known",
          i % 4);
      findings(Table.CANARY_FINDINGS, "c" + i, true);
    }
    if (!onlyKnown) {
      others();
    }
  }

  private void others() {
    for (int i = 0; i < TOLD; i++) {
      boolean bad = random.nextDouble() < 0.15;
      String id = "k" + i;
      sample("told", "classification", id, "given", "train");
      finding(Table.FINDINGS, id, "strong", logistic(3, bad), "told");
      finding(Table.FINDINGS, id, "weak", logistic(1, bad), "told");
      if (bad) {
        hidden.add(id);
        if (i % 4 == 0) {
          hidden.remove(id);
          known.add(id);
          add(Table.KNOWN_BAD, id, "a person", "told", shard(id));
        }
      }
    }
    for (int i = 0; i < OTHERS; i++) {
      sample("given", "classification", "g" + i, "given", "train");
      finding(Table.FINDINGS, "g" + i, "strong", i / (double) OTHERS, "given");
      sample("unseen", "classification", "u" + i, "given", "train");
      observation("g" + i, "given");
      observation("u" + i, "unseen");
    }
    for (int i = 0; i < PAIRED; i++) {
      paired("p" + i, random.nextDouble() < PAIRED_SHARE, i % 4 == 0);
    }
  }

  /** One of two scores, which are right on average, and never sure. */
  private void paired(String id, boolean bad, boolean knowable) {
    sample("paired", "classification", id, "given", "train");
    // Every fourth bad one is known, and not among those whose share the scores are to tell.
    double share = PAIRED_SHARE * 0.75 / (PAIRED_SHARE * 0.75 + 1 - PAIRED_SHARE);
    double high = share * 0.75 / (share * 0.75 + (1 - share) * 0.35);
    double low = share * 0.25 / (share * 0.25 + (1 - share) * 0.65);
    double score = random.nextDouble() < (bad ? 0.75 : 0.35) ? high : low;
    finding(Table.FINDINGS, id, "pairs", ConfusedClasses.KIND, score, "paired");
    if (bad && knowable) {
      add(Table.KNOWN_BAD, id, "a person", "paired", shard(id));
    } else if (bad) {
      pairedBad++;
    } else {
      pairedGood++;
    }
  }

  private void findings(Table table, String id, boolean bad) {
    finding(table, id, "strong", logistic(2.5, bad), "known");
    finding(table, id, "weak", logistic(1, bad), "known");
    finding(table, id, "contrary", logistic(1, !bad), "known");
    if (random.nextInt(3) == 0) {
      finding(table, id, "sparse", logistic(1, bad), "known");
    }
  }

  /** A score whose logit is N(0, 1) for good rows and N(d, 1) for bad ones, scaled to log-odds. */
  private double logistic(double d, boolean bad) {
    double x = random.nextGaussian() + (bad ? d : 0);
    return 1 / (1 + Math.exp(-(d * x - d * d / 2)));
  }

  private void observation(String id, String corpus) {
    finding(Table.FINDINGS, id, "observer", "outlier", 1, corpus);
  }

  private void finding(Table table, String id, String detector, double score, String corpus) {
    finding(table, id, detector, "label_error", score, corpus);
  }

  private void finding(
      Table table, String id, String detector, String kind, double score, String corpus) {
    add(
        table,
        id,
        detector,
        kind,
        score,
        detector.equals("strong") ? "given" : "from " + detector,
        null,
        detector + " says " + Math.round(100 * score),
        null,
        corpus,
        shard(id));
  }
}
