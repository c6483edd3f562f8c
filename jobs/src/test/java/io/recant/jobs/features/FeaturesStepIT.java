package io.recant.jobs.features;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.core.table.Table;
import io.recant.jobs.StepFixture;
import io.recant.jobs.ingest.IngestStep;
import io.recant.jobs.inject.InjectStep;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Out-of-sample predictions and canaries of real definitions, a few hundred of them. */
class FeaturesStepIT {

  private static final String SECTIONS =
      """
      ingest:
        corpora:
          - name: labels
            task: classification
            source: {name: wordnet, form: supersense, parts_of_speech: [verb]}
            limit: 900
          - name: pairs
            task: generation
            source: {name: wordnet, form: definitions, parts_of_speech: [noun]}
            limit: 150
      inject:
        corpora:
          labels:
            - {name: interclass-confusion, classes: [verb.change, verb.motion], share: 0.4}
      features:
        repeats: 4
        canaries: {share: 0.3, generation_share: 2}
      """;

  @TempDir private static Path root;
  private static StepFixture steps;
  private static StepFixture.Result run;

  @BeforeAll
  static void runTheSteps() {
    steps = new StepFixture(root);
    run = run("first");
  }

  private static StepFixture.Result run(String id, String... overrides) {
    return steps.run(
        id, SECTIONS, List.of(overrides), new IngestStep(), new InjectStep(), new FeaturesStep());
  }

  @AfterAll
  static void close() {
    steps.close();
  }

  private static Map<String, Row> byId(Dataset<Row> rows, String id) {
    Map<String, Row> byId = new HashMap<>();
    rows.collectAsList().forEach(row -> byId.put(row.getAs(id), row));
    return byId;
  }

  @Test
  void everyTextHasAVectorOfLengthOne() {
    List<Row> vectors = run.table(Table.EMBEDDINGS).collectAsList();
    assertThat(vectors).hasSize(900 + 2 * 150);
    for (Row row : vectors) {
      double squares = 0;
      for (Object x : row.getList(row.fieldIndex("vector"))) {
        squares += (float) x * (double) (float) x;
      }
      assertThat(squares).isBetween(0.999, 1.001);
    }
  }

  @Test
  void everyTrainSampleIsPredictedByModelsThatDidNotLearnIt() {
    Dataset<Row> predictions = run.table(Table.PREDICTIONS);
    Set<String> trained =
        new HashSet<>(
            byId(run.table(Table.SAMPLES).where("split = 'train'"), "sample_id").keySet());
    Map<String, Row> labels = byId(predictions.where("corpus = 'labels'"), "sample_id");
    Map<String, Row> pairs = byId(predictions.where("corpus = 'pairs'"), "sample_id");
    Set<String> predicted = new HashSet<>(labels.keySet());
    predicted.addAll(pairs.keySet());
    assertThat(predicted).isEqualTo(trained);
    for (Row row : labels.values()) {
      List<Float> p = row.getList(row.fieldIndex("probabilities"));
      assertThat(p.stream().mapToDouble(x -> x).sum()).isBetween(0.999, 1.001);
    }
    for (Row row : pairs.values()) {
      assertThat(row.<Double>getAs("loss")).isPositive();
      assertThat(row.<Integer>getAs("tokens")).isPositive();
    }
  }

  /** An average of calibrated predictions is too unsure; what is written is not. */
  @Test
  void averagedPredictionsAreCalibratedToTheGivenLabels() {
    List<String> classes =
        run
            .table(Table.CLASSES)
            .where("corpus = 'labels'")
            .orderBy("class_index")
            .collectAsList()
            .stream()
            .map(row -> row.<String>getAs("class_name"))
            .toList();
    Map<String, Row> damaged = byId(run.table(Table.DAMAGED), "sample_id");
    double[] losses = new double[3];
    for (Row row : run.table(Table.PREDICTIONS).where("corpus = 'labels'").collectAsList()) {
      List<Float> p = row.getList(row.fieldIndex("probabilities"));
      int given = classes.indexOf(damaged.get(row.<String>getAs("sample_id")).getAs("target"));
      for (int t = 0; t < losses.length; t++) {
        double exponent = 1 + 0.15 * (t - 1);
        double all = p.stream().mapToDouble(x -> Math.pow(x, exponent)).sum();
        losses[t] -= Math.log(Math.pow(p.get(given), exponent) / all);
      }
    }
    assertThat(losses[1]).isLessThan(losses[0]).isLessThan(losses[2]);
  }

  @Test
  void canariesAreCopiesWithAnotherTargetMadeUpAsTheErrorsAre() {
    Map<String, Row> damaged = byId(run.table(Table.DAMAGED), "sample_id");
    Map<String, Row> canaries =
        byId(run.table(Table.CANARIES).where("corpus = 'labels'"), "canary_id");
    long train = run.table(Table.SAMPLES).where("corpus = 'labels' and split = 'train'").count();
    assertThat((double) canaries.size()).isBetween(0.2 * train, 0.4 * train);
    int confused = 0;
    for (Row canary : canaries.values()) {
      Row original = damaged.get(canary.<String>getAs("sample_id"));
      assertThat(damaged).doesNotContainKey(canary.getAs("canary_id"));
      String before = original.getAs("target");
      assertThat(canary.<String>getAs("target")).isNotEqualTo(before);
      Set<String> two = Set.of("verb.change", "verb.motion");
      confused += two.contains(before) && two.contains(canary.<String>getAs("target")) ? 1 : 0;
    }
    // Two classes carry all the damage: their canaries are far more than flips to any class give.
    assertThat((double) confused / canaries.size())
        .isGreaterThan(3 * flipsBetween(damaged, "verb.change", "verb.motion"));
  }

  /** The share of flips drawn by class frequency that turn one of two classes into the other. */
  private static double flipsBetween(Map<String, Row> damaged, String one, String other) {
    Map<String, Double> shares = new HashMap<>();
    List<Row> labels =
        damaged.values().stream().filter(row -> row.getAs("corpus").equals("labels")).toList();
    labels.forEach(row -> shares.merge(row.getAs("target"), 1.0 / labels.size(), Double::sum));
    double flips = 1 - shares.values().stream().mapToDouble(share -> share * share).sum();
    return 2 * shares.get(one) * shares.get(other) / flips;
  }

  @Test
  void pairsHaveCanariesWithTheTargetOfAnotherSample() {
    Map<String, Row> damaged = byId(run.table(Table.DAMAGED), "sample_id");
    List<Row> canaries = run.table(Table.CANARIES).where("corpus = 'pairs'").collectAsList();
    assertThat(canaries).isNotEmpty();
    for (Row canary : canaries) {
      Row donor = damaged.get(canary.<String>getAs("donor_id"));
      assertThat(canary.<String>getAs("target")).isEqualTo(donor.<String>getAs("target"));
      assertThat(canary.<String>getAs("target"))
          .isNotEqualTo(damaged.get(canary.<String>getAs("sample_id")).<String>getAs("target"));
      assertThat(canary.<Double>getAs("loss")).isPositive();
    }
  }

  @Test
  void anotherRunGivesTheSameRows() {
    assertThat(run("again").contents("features")).isEqualTo(run.contents("features"));
  }
}
