package io.recant.jobs.repair;

import io.recant.core.table.Table;
import io.recant.jobs.CorporaStep;
import java.util.Random;
import java.util.Set;

/**
 * Writes what repair reads, of a known truth. Corpus {@code classes}: p_bad is exact; where a model
 * is sure of another class it is right 98 times in a hundred, else 60; detector {@code echo} says
 * what the model says for every other row, {@code guess} anything. Corpus {@code open}: every row
 * is flagged; detector {@code twin} suggests for two rows in three what is right 9 times in ten.
 * Corpora {@code mute}: nothing is suggested; {@code unmeasured}: no canaries; {@code scarce}: not
 * enough of them; {@code alone}: one class, every row flagged.
 */
final class RepairCorpora extends CorporaStep {

  static final int CLASSES = 4;
  static final int ROWS = 4000;
  static final int CANARIES = 1500;
  static final int OPEN = 900;
  static final int FEW = 40;

  private final Random random = new Random(23);

  RepairCorpora(int partitions) {
    super(
        partitions,
        Set.of(
            Table.SAMPLES,
            Table.CLASSES,
            Table.PREDICTIONS,
            Table.CANARIES,
            Table.FINDINGS,
            Table.CANARY_FINDINGS,
            Table.DECISIONS,
            Table.DETECTION_SCORES,
            Table.INJECTIONS));
  }

  @Override
  protected void fill() {
    classes();
    open();
    few("mute", "generation");
    few("unmeasured", "classification");
    few("alone", "classification");
    few("scarce", "classification");
    measured("scarce", 0.9, 0.9);
    for (int i = 0; i < FEW; i++) {
      canary("scarce", "canary-s" + i, "scarce" + i, "class 1");
      finding(Table.CANARY_FINDINGS, "canary-s" + i, "echo", "class 0", 0.9, "scarce");
    }
  }

  private void classes() {
    named("classes", CLASSES);
    measured("classes", 0.9, 0.205);
    for (int i = 0; i < ROWS; i++) {
      String id = "c" + i;
      double pBad = new double[] {0.05, 0.3, 0.9}[i % 20 < 15 ? 0 : i % 20 < 17 ? 1 : 2];
      int truth = random.nextInt(CLASSES);
      boolean bad = random.nextDouble() < pBad;
      int given = bad ? other(truth, random.nextInt()) : truth;
      judged("classes", "classification", id, "class " + given, pBad);
      believed(Table.FINDINGS, id, id, given, bad ? truth : other(given, random.nextInt()));
      if (bad) {
        injected("classes", id, "class " + truth, "class " + given);
      }
      if (i < CANARIES) {
        int original = given;
        int stated = other(original, random.nextInt());
        canary("classes", "canary-" + i, "copy" + i, "class " + stated);
        judged("classes", "classification", "copy" + i, "class " + original, 0.02);
        believed(Table.CANARY_FINDINGS, "canary-" + i, "copy" + i, stated, original);
      }
    }
  }

  /** What a model and two detectors say of a row that is given one class and is of another. */
  private void believed(Table table, String id, String sampleId, int given, int truth) {
    boolean sure = random.nextBoolean();
    boolean right = random.nextDouble() < (sure ? 0.98 : 0.6);
    int said = truth;
    while (!right && (said == truth || said == given)) {
      said = random.nextInt(CLASSES);
    }
    float[] p = new float[CLASSES];
    java.util.Arrays.fill(p, sure ? 0.02f : 0.15f);
    p[given] = 0.1f;
    p[said] = sure ? 0.86f : 0.6f;
    predict("classes", sampleId, p);
    if (random.nextBoolean()) {
      finding(table, id, "echo", "class " + said, sure ? 0.9 : 0.6, "classes");
    }
    finding(table, id, "guess", "class " + other(given, random.nextInt()), 0.5, "classes");
  }

  private void open() {
    measured("open", 0.8, 0.8);
    for (int i = 0; i < OPEN; i++) {
      String id = "o" + i;
      boolean bad = random.nextDouble() < 0.8;
      judged("open", "generation", id, (bad ? "wrong " : "right ") + i, 0.8);
      if (bad) {
        injected("open", id, "right " + i, "wrong " + i);
      }
      boolean right = random.nextDouble() < 0.9;
      if (i % 3 > 0) {
        finding(
            Table.FINDINGS, id, "twin", right && bad ? " right  " + i : "else " + i, 0.7, "open");
      }
      judged("open", "generation", "kept" + i, "good " + i, 0.1);
      canary("open", "canary-o" + i, "kept" + i, "false " + i);
      if (i % 3 > 0) {
        String said = random.nextDouble() < 0.9 ? "good " + i : "else " + i;
        finding(Table.CANARY_FINDINGS, "canary-o" + i, "twin", said, 0.7, "open");
      }
    }
  }

  /** Flagged rows without canaries; a detector suggests something for every other one. */
  private void few(String corpus, String task) {
    if (task.equals("classification")) {
      named(corpus, corpus.equals("alone") ? 1 : 3);
    }
    for (int i = 0; i < FEW; i++) {
      String id = corpus + i;
      judged(corpus, task, id, "class 0", 0.9);
      String said = !task.equals("generation") && i % 2 == 0 ? "class 2" : null;
      finding(Table.FINDINGS, id, "echo", said, 0.9, corpus);
    }
  }

  private int other(int than, int draw) {
    return (than + 1 + Math.floorMod(draw, CLASSES - 1)) % CLASSES;
  }

  private void named(String corpus, int classes) {
    for (int k = 0; k < classes; k++) {
      add(Table.CLASSES, k, "class " + k, 0L, corpus);
    }
  }

  private void measured(String corpus, double precision, double share) {
    score(corpus, "precision", precision);
    score(corpus, "share_bad", share);
  }

  private void score(String corpus, String measure, double value) {
    add(
        Table.DETECTION_SCORES,
        "decide",
        measure,
        "canaries",
        value,
        value * 0.95,
        value * 1.05,
        100L,
        corpus);
  }

  private void judged(String corpus, String task, String id, String target, double pBad) {
    sample(corpus, task, id, target, "train");
    String action = pBad < 0.25 ? "retain" : pBad < 0.5 ? "review" : "forget";
    add(
        Table.DECISIONS,
        id,
        pBad,
        action,
        new String[] {"because"},
        null,
        0.5,
        null,
        corpus,
        shard(id));
  }

  private void predict(String corpus, String id, float[] p) {
    add(Table.PREDICTIONS, id, "given", -1, p, null, null, null, null, null, corpus, shard(id));
  }

  private void canary(String corpus, String id, String of, String target) {
    add(Table.CANARIES, id, of, "flips", target, null, null, null, null, corpus, shard(of));
  }

  private void finding(
      Table table, String id, String detector, String said, double score, String corpus) {
    add(table, id, detector, "label_error", score, said, null, "says so", null, corpus, shard(id));
  }

  private void injected(String corpus, String id, String before, String after) {
    add(Table.INJECTIONS, id, "flips", "target", before, after, 1L, corpus, shard(id));
  }
}
