package io.recant.jobs.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.manifest.Json;
import io.recant.core.manifest.Manifest;
import io.recant.core.manifest.Provenance;
import io.recant.core.table.Table;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.table.Schemas;
import io.recant.spark.table.TableWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/** A run such as a pipeline leaves behind, made up: two corpora, four detectors, two models. */
final class RunFixture {

  static final String HOSTILE =
      "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
          + "\u2028{{data}}<!-- & $1";
  static final int SAMPLES = 3000;
  static final int QUARANTINED = 7;

  private static final Map<String, List<String>> DETECTORS =
      Map.of(
          "supersense", List.of("confident-learning", "neighbour-credibility", "noise-transition"),
          "definitions", List.of("neighbour-credibility", "prompt-target-fit"));
  private static final List<String> METHODS =
      List.of(
          "victim", "retrained", "oracle", "finetune", "gradient-ascent", "scrub", "ssd", "npo");
  private static final String[][] NOUNS = {
    {"a small domesticated feline kept as a pet", "noun.animal", "noun.food"},
    {"the act of voting for a candidate in an election", "noun.act", "noun.group"},
    {"a vessel that carries passengers across a strait", "noun.artifact", "noun.location"},
    {"a feeling of deep sorrow at a loss", "noun.feeling", "noun.state"},
    {"a ripe fruit eaten raw or pressed for its juice", "noun.food", "noun.plant"},
  };

  private final SparkSession spark;
  private final RunDirectory run;
  private final Random random = new Random(7);
  private final Map<Table, List<Row>> rows = new TreeMap<>();

  private RunFixture(SparkSession spark, RunDirectory run) {
    this.spark = spark;
    this.run = run;
  }

  /** Writes and commits every table of the run. */
  static void write(SparkSession spark, RunDirectory run) {
    RunFixture fixture = new RunFixture(spark, run);
    fixture.corpus("supersense", 0.08, "</b>");
    fixture.corpus("definitions", 0.05, HOSTILE);
    fixture.repairScores("supersense");
    fixture.model("supersense", false);
    fixture.model("definitions", true);
    fixture.commit("ingest", 0, 38, Table.SAMPLES, Table.QUARANTINE);
    fixture.commit("inject", 38, 51, Table.INJECTIONS);
    fixture.commit("detect", 51, 160, Table.FINDINGS);
    fixture.commit("decide", 160, 182, Table.DECISIONS, Table.FORGET, Table.REVIEW);
    fixture.commit("repair", 182, 182, Table.REPAIRS, Table.REPAIR_SCORES);
    fixture.commit("unlearn", 182, 900, Table.CHECKPOINTS, Table.TRAINING_LOG);
    fixture.commit(
        "score", 900, 1010, Table.SCORES, Table.DETECTION_SCORES, Table.DETECTION_CURVES);
  }

  private void corpus(String corpus, double badShare, String hostile) {
    for (int i = 0; i < QUARANTINED; i++) {
      add(
          Table.QUARANTINE,
          "file:/data/" + corpus + ".jsonl",
          (long) i,
          hostile.getBytes(java.nio.charset.StandardCharsets.UTF_8),
          i < 5 ? "missing_input" : "malformed",
          "no text",
          corpus);
    }
    for (int i = 0; i < SAMPLES; i++) {
      sample(corpus, i, random.nextDouble() < badShare, hostile);
    }
    for (String detector : DETECTORS.get(corpus)) {
      detection(corpus, detector, 0.35 + 0.4 * random.nextDouble());
    }
    detection(corpus, "decide", 0.86);
  }

  private void sample(String corpus, int i, boolean bad, String hostile) {
    String[] noun = NOUNS[i % NOUNS.length];
    String id = Json.sha256(corpus + i).substring(0, 16);
    boolean labels = corpus.equals("supersense");
    String input = i == 0 ? hostile : labels ? noun[0] : "What is meant by '" + noun[1] + "'?";
    String right = labels ? noun[1] : noun[0];
    String wrong = labels ? noun[2] : NOUNS[(i + 2) % NOUNS.length][0];
    boolean test = i > 0 && i % 10 == 9;
    double logit = (bad || i == 0 ? 3.4 : -4.2) + 1.9 * random.nextGaussian();
    Double pBad =
        test ? null : i == 0 ? Double.valueOf(0.9999) : Double.valueOf(1 / (1 + Math.exp(-logit)));
    String action = pBad == null || pBad < 0.35 ? "retain" : pBad < 0.62 ? "review" : "forget";
    String suggested = action.equals("retain") ? null : right;
    List<String> reasons =
        action.equals("retain")
            ? List.of()
            : List.of(
                "out-of-sample models give '" + wrong + "' only 0.02 and '" + right + "' 0.91",
                "9 of its 10 nearest neighbours are '" + right + "'");
    String target = bad || i == 0 ? wrong : right;
    int shard = i % 2;
    Object[] whole = {
      id,
      labels ? "classification" : "generation",
      input,
      target,
      null,
      null,
      test ? "test" : "train",
      null,
      null,
      null,
      "file:/data/" + corpus + ".jsonl",
      (long) i
    };
    add(Table.SAMPLES, join(whole, corpus, shard));
    add(Table.DECISIONS, id, pBad, action, reasons, suggested, 0.62, corpus, shard);
    if (!action.equals("retain")) {
      add(
          action.equals("forget") ? Table.FORGET : Table.REVIEW,
          join(whole, pBad, action, reasons, suggested, 0.62, null, corpus, shard));
      if (labels) {
        repair(id, target, right, wrong, pBad, corpus, shard);
      }
    }
    if (bad && !test) {
      add(
          Table.INJECTIONS,
          id,
          labels ? (i % 3 == 0 ? "symmetric" : "confusable") : "swapped-target",
          "target",
          right,
          wrong,
          42L,
          corpus,
          shard);
    }
    if (pBad != null) {
      for (String detector : DETECTORS.get(corpus)) {
        double score = Math.min(1, Math.max(0, pBad + 0.2 * random.nextGaussian()));
        add(
            Table.FINDINGS,
            id,
            detector,
            "label_error",
            score,
            suggested,
            null,
            "because",
            null,
            corpus,
            shard);
      }
    }
  }

  private void repair(
      String id, String given, String right, String wrong, double pBad, String corpus, int shard) {
    boolean known = !id.startsWith("0");
    Double pSuggested = known ? Double.valueOf(0.97 * pBad) : null;
    add(
        Table.REPAIRS,
        id,
        given,
        right,
        pSuggested,
        1 - pBad,
        given.equals(wrong) ? "noun.time" : null,
        known && given.equals(wrong) ? Double.valueOf(0.02 * pBad) : null,
        new String[] {"probabilities"},
        known && pSuggested > 0.8 ? "relabel" : "ask",
        "noun.time and others are less likely",
        0.8,
        corpus,
        shard);
  }

  private void repairScores(String corpus) {
    List<String> measures =
        List.of("repair_precision", "CL", "CS", "accuracy_before", "accuracy_after");
    double[] values = {0.91, 0.996, 0.52, 0.92, 0.957};
    for (String basis : List.of("canaries", "truth")) {
      add(Table.REPAIR_SCORES, "suggestions", basis, 310.0, null, null, 2700L, corpus);
      add(Table.REPAIR_SCORES, "relabelled", basis, 140.0, null, null, 310L, corpus);
      for (int m = 0; m < values.length; m++) {
        double value = values[m] - (basis.equals("truth") ? 0.003 : 0);
        add(
            Table.REPAIR_SCORES,
            measures.get(m),
            basis,
            value,
            value - 0.01,
            Math.min(1, value + 0.01),
            140L,
            corpus);
      }
    }
  }

  private void detection(String corpus, String detector, double quality) {
    for (String basis : List.of("canaries", "truth")) {
      double q = quality + (basis.equals("truth") ? 0 : 0.02);
      for (int i = 0; i <= 500; i++) {
        double recall = i / 500.0;
        double precision = 0.07 + 0.93 * q * (1 - Math.pow(recall, 2 + 8 * q)) + (1 - q) * 0.1;
        add(
            Table.DETECTION_CURVES,
            detector,
            basis,
            1 - recall,
            (long) (SAMPLES * recall),
            Math.min(1, precision),
            recall,
            corpus);
      }
      double[] values = {q, q - 0.07, q - 0.035, q - 0.02, 0.5 + q / 2, 412};
      List<String> measures =
          List.of("precision", "recall", "f1", "average_precision", "auroc", "flagged");
      for (int m = 0; m < values.length; m++) {
        add(
            Table.DETECTION_SCORES,
            detector,
            measures.get(m),
            basis,
            values[m],
            values[m] - 0.024,
            values[m] + 0.021,
            240L,
            corpus);
      }
    }
  }

  private void model(String model, boolean language) {
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
    add(
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
        model,
        method);
    double drift = method.equals("gradient-ascent") ? 2.5 : 0.3;
    for (int step = 1; step <= steps; step++) {
      double t = (double) step / steps;
      double noise = 0.03 * random.nextGaussian();
      Double forget = reference ? null : Double.valueOf(0.9 + drift * 1.6 * t * t + noise);
      double retain = reference ? 0.7 + 2.6 * Math.exp(-5 * t) : 0.72 + drift * 0.25 * t + noise;
      add(
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
      add(
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
      score(
          model, method, seed, "probability_retain", "retained", "higher", 0.64, 0.65, near, harm);
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
    add(
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

  private void add(Table table, Object... values) {
    rows.computeIfAbsent(table, t -> new ArrayList<>()).add(RowFactory.create(values));
  }

  private static Object[] join(Object[] head, Object... tail) {
    List<Object> all = new ArrayList<>(java.util.Arrays.asList(head));
    all.addAll(java.util.Arrays.asList(tail));
    return all.toArray();
  }

  private void commit(String step, long from, long to, Table... tables) {
    Map<String, Manifest.TableEntry> entries = new TreeMap<>();
    for (Table table : tables) {
      entries.put(
          table.tableName(),
          TableWriter.write(run, table, spark.createDataFrame(rows.get(table), Schemas.of(table))));
    }
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("name", step).put("note", HOSTILE).putArray("detectors").add("confident-learning");
    config.putObject("limits").put("max_quarantine", 0.05);
    Instant begin = Instant.parse("2026-01-01T08:00:00Z");
    run.commit(
        new Manifest(
            Manifest.FORMAT,
            step,
            run.path().getName(),
            Map.of("ingest", "ef".repeat(32)),
            config,
            Json.hash(config),
            42,
            entries,
            List.of(),
            Map.of("rows_per_second", 1234.5),
            new Provenance(
                "0.1.0", "abc1234", "17.0.1", Map.of("spark", "4.1.0"), "Linux amd64", "local[2]"),
            begin.plusSeconds(from),
            begin.plusSeconds(to)));
  }
}
