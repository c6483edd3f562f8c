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
    ModelFixture models = new ModelFixture(fixture.random, fixture::add);
    models.model("supersense", false);
    models.model("definitions", true);
    fixture.commit("ingest", 0, 38, Table.SAMPLES, Table.QUARANTINE);
    fixture.commit("inject", 38, 51, Table.INJECTIONS);
    fixture.commit("detect", 51, 160, Table.FINDINGS);
    fixture.commit("decide", 160, 182, Table.DECISIONS, Table.FORGET, Table.REVIEW);
    fixture.commit("repair", 182, 182, Table.REPAIRS, Table.REPAIR_SCORES);
    fixture.commit("unlearn", 182, 900, Table.CHECKPOINTS, Table.TRAINING_LOG);
    fixture.commit(
        "score", 900, 1010, Table.SCORES, Table.DETECTION_SCORES, Table.DETECTION_CURVES);
  }

  /** A run of one corpus of pictures, all to forget, the first the worst, and known before. */
  static void writePictures(SparkSession spark, RunDirectory run, List<byte[]> pictures) {
    RunFixture fixture = new RunFixture(spark, run);
    for (int i = 0; i < pictures.size(); i++) {
      fixture.picture(i, pictures.get(i));
    }
    fixture.add(Table.KNOWN_BAD, "digit0", "a person", "digits", 0);
    fixture.commit("ingest", 0, 38, Table.SAMPLES, Table.KNOWN_BAD);
    fixture.commit("decide", 160, 182, Table.DECISIONS, Table.FORGET);
  }

  private void picture(int i, byte[] picture) {
    Object[] whole = {
      "digit" + i,
      "classification",
      "",
      "3",
      null,
      null,
      "train",
      picture,
      null,
      null,
      null,
      "file:/data/digits",
      (long) i
    };
    Object[] verdict = {1.0 / (i + 1), "forget", List.of("looks like '5'"), "5", 0.01, null};
    add(Table.SAMPLES, join(whole, "digits", 0));
    add(Table.DECISIONS, join(join(new Object[] {"digit" + i}, verdict), "digits", 0));
    add(Table.FORGET, join(join(whole, verdict), "digits", 0));
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
      null,
      "file:/data/" + corpus + ".jsonl",
      (long) i
    };
    add(Table.SAMPLES, join(whole, corpus, shard));
    add(Table.DECISIONS, id, pBad, action, reasons, suggested, 0.62, null, corpus, shard);
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
