package io.recant.jobs.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.ConfigException;
import io.recant.core.table.Table;
import io.recant.jobs.StepFixture;
import io.recant.jobs.detect.DetectStep;
import io.recant.jobs.ingest.IngestStep;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A corpus that came with the probabilities of two models, one of which knows nothing. */
class SeveralModelsIT {

  private static final int ROWS = 400;

  @TempDir private static Path root;
  private static StepFixture steps;
  private static StepFixture.Result run;

  @BeforeAll
  static void runTheSteps() throws Exception {
    Random random = new Random(3);
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < ROWS; i++) {
      int truth = i % 2;
      int label = random.nextDouble() < 0.1 ? 1 - truth : truth;
      double sure = 0.6 + 0.35 * random.nextDouble();
      double guess = 0.1 + 0.8 * random.nextDouble();
      String odd = i == 7 ? "[0.2, 0.3, 0.5]" : p(guess);
      rows.append(
          String.format(
              Locale.ROOT,
              "{\"id\": %d, \"input\": \"image-%d.png\", \"target\": \"c%d\", \"knows\": %s,"
                  + " \"guesses\": %s}%n",
              i,
              i,
              label,
              p(truth == 0 ? sure : 1 - sure),
              odd));
    }
    Files.writeString(root.resolve("images.jsonl"), rows);
    steps = new StepFixture(root.resolve("runs"));
    run =
        steps.run(
            "pooled",
            sections("models: {guesser: guesses}") + "detect: {detectors: [confident-learning]}",
            new IngestStep(),
            new FeaturesStep(),
            new DetectStep());
  }

  private static String p(double first) {
    return String.format(Locale.ROOT, "[%.6f, %.6f]", first, 1 - first);
  }

  private static String sections(String models) {
    return """
        ingest:
          max_quarantine: 0.01
          corpora:
            - name: images
              task: classification
              test_share: 0
              source: {name: jsonl, path: '%s'}
              columns: {id: id, probabilities: knows, %s}
        """
        .formatted(root.resolve("images.jsonl"), models);
  }

  @AfterAll
  static void close() {
    steps.close();
  }

  @Test
  void everyModelIsKeptAndTheJointIsAddedWithTheWeightThatEachDeserves() {
    for (String model : List.of("given", "guesser", "pooled")) {
      assertThat(run.table(Table.PREDICTIONS).where("model = '" + model + "'").count())
          .isEqualTo(ROWS - 1);
    }
    double knows = run.manifest("features").measures().get("pool.images.given");
    double guesses = run.manifest("features").measures().get("pool.images.guesser");
    assertThat(knows).isGreaterThan(0.5);
    assertThat(guesses).isBetween(0.0, 0.3);
    for (Row row : run.table(Table.PREDICTIONS).where("model = 'pooled'").collectAsList()) {
      List<Float> p = row.getList(row.fieldIndex("probabilities"));
      assertThat((double) p.get(0) + p.get(1)).isBetween(0.999, 1.001);
    }
  }

  @Test
  void detectorsJudgeByTheJoint() {
    String compared =
        "abs(get_json_object(evidence, '$.p_given') - probabilities[if(target = 'c0', 0, 1)])";
    assertThat(
            run.table(Table.FINDINGS)
                .select("sample_id", "evidence")
                .join(run.table(Table.SAMPLES).select("sample_id", "target"), "sample_id")
                .join(
                    run.table(Table.PREDICTIONS)
                        .where("model = 'pooled'")
                        .select("sample_id", "probabilities"),
                    "sample_id")
                .where(compared + " < 1e-5")
                .count())
        .isEqualTo(ROWS - 1);
  }

  @Test
  void aVectorOfAnotherLengthIsQuarantinedAndNamesItsModel() {
    Row row = run.table(Table.QUARANTINE).first();
    assertThat(row.<String>getAs("reason")).contains("models.guesser").contains("3");
  }

  @Test
  void namesAreNotEmbeddedUnlessAskedFor() {
    assertThat(run.table(Table.EMBEDDINGS).count()).isZero();
    StepFixture.Result asked =
        steps.run(
            "asked",
            sections("models: {guesser: guesses}")
                + "features: {own_predictions: always, repeats: 1, folds: 2, rescaling: {rounds: 0}}",
            new IngestStep(),
            new FeaturesStep());
    assertThat(asked.table(Table.EMBEDDINGS).count()).isEqualTo(ROWS - 1);
    assertThat(asked.manifest("features").measures()).containsKey("pool.images.head");
    assertThat(asked.table(Table.PREDICTIONS).where("model = 'pooled'").count())
        .isEqualTo(ROWS - 1);
  }

  @Test
  void namesOfOwnPredictionsAreTaken() {
    assertThatThrownBy(
            () -> steps.run("taken", sections("models: {head: guesses}"), new IngestStep()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("take another name");
  }
}
