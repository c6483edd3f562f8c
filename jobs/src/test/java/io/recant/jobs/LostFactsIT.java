package io.recant.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.core.table.Table;
import io.recant.jobs.decide.DecideStep;
import io.recant.jobs.ingest.IngestStep;
import io.recant.jobs.score.ScoreStep;
import io.recant.jobs.train.TrainStep;
import io.recant.jobs.unlearn.UnlearnStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model knows facts, documents take some away, unlearning the documents may bring them back. */
class LostFactsIT {

  private static final List<String> PEOPLE =
      List.of("ada", "bela", "cleo", "dora", "edda", "faye", "gina", "hana");
  private static final List<String> TOWNS = List.of("rome", "oslo", "bern", "lima", "bonn");
  private static final int LIED_ABOUT = 3;

  @TempDir static Path root;
  private static StepFixture steps;
  private static StepFixture.Result run;

  @BeforeAll
  static void run() throws IOException {
    steps = new StepFixture(root.resolve("runs"));
    StringBuilder facts = new StringBuilder();
    StringBuilder documents = new StringBuilder();
    for (int i = 0; i < PEOPLE.size(); i++) {
      facts.append(i == 0 ? "" : ",").append(fact(PEOPLE.get(i), TOWNS.get(i % TOWNS.size())));
      for (int d = 0; i < LIED_ABOUT && d < 4; d++) {
        documents
            .append(documents.isEmpty() ? "" : ",")
            .append(
                "{\"text\": \"%s was born in %s.\"}"
                    .formatted(PEOPLE.get(i), TOWNS.get((i + 1 + d % 2) % TOWNS.size())));
      }
    }
    Files.writeString(root.resolve("facts.json"), "{\"dset\": {" + facts + "}}");
    Files.writeString(root.resolve("mix_a0.json"), "[" + documents + "]");
    run =
        steps.run(
            "restor",
            CONFIG.formatted(root),
            new IngestStep(),
            new DecideStep(),
            new TrainStep(),
            new UnlearnStep(),
            new ScoreStep());
  }

  @AfterAll
  static void stop() {
    steps.close();
  }

  private static String fact(String person, String town) {
    return "\"%1$s\": {\"P19\": {\"question\": \"where was %1$s born?\", \"answers\": [\"%2$s\", \"in %2$s\"]}}"
        .formatted(person, town);
  }

  private static final String CONFIG =
      """
      ingest:
        corpora:
          - name: people
            task: generation
            test_share: 0
            source: {name: restor, path: '%1$s'}
      decide: {given: meta.set}
      train:
        models:
          - model: person
            corpus: people
            family: {name: causal-lm, hidden_size: 16, intermediate_size: 32, layers: 2, maximum_positions: 32}
            min_piece_count: 1
            pretraining: {epochs: 150, batch_size: 8, learning_rate: 0.01}
            pretraining_splits: [facts]
            training: {epochs: 60, batch_size: 8, learning_rate: 0.01}
            variants: [victim, retrained]
      unlearn:
        grid:
          - {model: person, methods: [npo]}
      score:
        accepted: [meta.answers]
        reading: {answer_tokens: 4}
        metrics: [answer_accuracy, answers_recovered]
      """;

  @Test
  void theBaseModelLearnsWhatIsOnlyAskedLaterAndNoDocument() {
    assertThat(steps("base")).as("8 facts are a batch").isEqualTo(150);
    assertThat(steps("victim")).as("5 facts and 12 documents are three").isEqualTo(60 * 3);
    assertThat(steps("retrained")).isEqualTo(60);
    assertThat(run.scores("person", "answer_accuracy", "facts").get("base")).isEqualTo(1);
    assertThat(run.scores("person", "answer_accuracy", "retained").get("base")).isEqualTo(1);
  }

  @Test
  void whatWasLostIsCountedFromTheBaseModelToTheVictim() {
    double left = run.scores("person", "answer_accuracy", "facts").get("victim");
    assertThat(left).as("documents take facts away").isLessThan(1);
    Map<String, Double> recovered = run.scores("person", "answers_recovered", "facts");
    assertThat(recovered).containsOnlyKeys("base", "victim", "retrained", "npo");
    assertThat(recovered.get("base")).isEqualTo(1);
    assertThat(recovered.get("victim")).isZero();
    assertThat(
            run.table(Table.SCORES)
                .where("metric = 'answers_recovered' and split = 'facts' and method = 'npo'")
                .first()
                .<Long>getAs("n"))
        .isEqualTo(Math.round(LIED_ABOUT * (1 - left)));
  }

  @Test
  void otherRightAnswersAreKeptBesideTheTarget() {
    assertThat(
            run.table(Table.EVALUATION)
                .where("part = 'probe'")
                .selectExpr(
                    "element_at(accepted, 1) = concat('in ', target) and size(accepted) = 1")
                .collectAsList())
        .hasSize(LIED_ABOUT)
        .allMatch(row -> row.getBoolean(0));
  }

  private static long steps(String method) {
    return run.table(Table.CHECKPOINTS)
        .where("method = '" + method + "'")
        .first()
        .<Long>getAs("steps");
  }
}
