package io.recant.jobs.report;

import io.recant.core.table.Table;
import java.util.List;
import java.util.Random;

/** Made-up models of a run: how they were trained, and their scores. */
final class ModelFixture {

  /** Where rows go. */
  @FunctionalInterface
  interface Rows {
    void add(Table table, Object... values);
  }

  private static final List<String> METHODS =
      List.of(
          "victim", "retrained", "oracle", "finetune", "gradient-ascent", "scrub", "ssd", "npo");

  private final Random random;
  private final Rows rows;

  ModelFixture(Random random, Rows rows) {
    this.random = random;
    this.rows = rows;
  }

  void model(String model, boolean language) {
    for (String method : METHODS) {
      if (language && method.equals("ssd")) {
        continue;
      }
      for (long seed = 0; seed < 2; seed++) {
        trained(model, method, seed, language);
        scored(model, method, seed, language);
      }
    }
  }

  private void trained(String model, String method, long seed, boolean language) {
    boolean reference = METHODS.indexOf(method) < 3;
    int steps = reference ? 1500 : 320;
    rows.add(
        Table.CHECKPOINTS,
        seed,
        model,
        language ? "gpt" : "embedding-classifier",
        "checkpoints/" + model,
        "ab".repeat(32),
        "cd".repeat(32),
        (long) steps,
        "steps",
        "cpu",
        reference ? 210.0 : 18.5 + METHODS.indexOf(method),
        512_000_000L,
        null,
        model,
        method);
    double drift = method.equals("gradient-ascent") ? 2.5 : 0.3;
    for (int step = 1; step <= steps; step++) {
      double t = (double) step / steps;
      double noise = 0.03 * random.nextGaussian();
      Double forget = reference ? null : Double.valueOf(0.9 + drift * 1.6 * t * t + noise);
      double retain = reference ? 0.7 + 2.6 * Math.exp(-5 * t) : 0.72 + drift * 0.25 * t + noise;
      rows.add(
          Table.TRAINING_LOG,
          seed,
          (long) step,
          1 + step / 100,
          reference ? retain : retain - 0.1 * forget,
          forget,
          retain,
          1e-3 * (1 - t),
          1.0,
          5000.0,
          model,
          method);
    }
  }

  private void scored(String model, String method, long seed, boolean language) {
    double near = new double[] {0, 0.35, 1, 0.3, 0.75, 0.93, 0.82, 0.88}[METHODS.indexOf(method)];
    double harm = method.equals("gradient-ascent") ? 0.14 : 0.004;
    score(model, method, seed, "membership_auc", "forgotten", "oracle", 0.71, 0.502, near, 0);
    if (!language) {
      rows.add(
          Table.SCORES,
          seed,
          "recovery",
          "none",
          null,
          "higher",
          0L,
          null,
          null,
          null,
          null,
          null,
          "needs a false target",
          model,
          method);
    }
    if (language) {
      score(model, method, seed, "recovery", "corrupted", "higher", 0.12, 0.83, near, 0);
      score(model, method, seed, "probability_false", "forgotten", "lower", 0.42, 0.03, near, 0);
      score(model, method, seed, "probability", "retained", "higher", 0.64, 0.65, near, harm);
      score(model, method, seed, "exact_memorisation", "forgotten", "oracle", 0.93, 0.41, near, 0);
    } else {
      score(model, method, seed, "acc_corr", "affected", "higher", 0.41, 0.78, near, 0);
      score(model, method, seed, "acc_retain", "elsewhere", "higher", 0.792, 0.796, near, harm);
      score(model, method, seed, "accuracy", "holdout", "higher", 0.70, 0.79, near, harm);
      score(model, method, seed, "accuracy", "corrupted", "higher", 0.22, 0.74, near, 0);
    }
  }

  private void score(
      String model,
      String method,
      long seed,
      String metric,
      String split,
      String direction,
      double untouched,
      double oracle,
      double near,
      double harm) {
    boolean reference = METHODS.indexOf(method) < 3;
    double jitter = reference && near != 0.35 ? 0 : 0.008 * random.nextGaussian();
    double value = untouched + near * (oracle - untouched) - (reference ? 0 : harm) + jitter;
    rows.add(
        Table.SCORES,
        seed,
        metric,
        split,
        value,
        direction,
        600L,
        value - 0.02,
        value + 0.02,
        oracle,
        untouched,
        (value - untouched) / (oracle - untouched),
        null,
        model,
        method);
  }
}
