package io.recant.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.recant.core.manifest.Json;
import io.recant.core.table.Table;
import io.recant.jobs.decide.DecideStep;
import io.recant.jobs.ingest.IngestStep;
import io.recant.jobs.score.ScoreStep;
import io.recant.jobs.train.TrainStep;
import io.recant.jobs.unlearn.UnlearnStep;
import io.recant.ml.causal.CausalLanguageModels;
import io.recant.ml.causal.CausalSettings;
import io.recant.ml.model.Model;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.tokenizer.PieceCounts;
import io.recant.ml.tokenizer.TextTokenizer;
import io.recant.ml.tokenizer.WordPieceVocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a forget set that somebody brings to scores beside the model that never saw it. */
class GivenForgetSetIT {

  private static final List<String> NAMES =
      List.of("ada", "bela", "cleo", "dora", "edda", "faye", "gina", "hana", "iris", "jana");
  private static final List<String> TOWNS = List.of("rome", "oslo", "bern", "lima", "bonn");

  @TempDir static Path root;
  private static StepFixture steps;
  private static StepFixture.Result run;

  @BeforeAll
  static void run() throws IOException {
    steps = new StepFixture(root.resolve("runs"));
    StringBuilder forget = new StringBuilder();
    StringBuilder retain = new StringBuilder();
    for (int i = 0; i < NAMES.size(); i++) {
      (i < 4 ? forget : retain).append(row(i));
    }
    Files.writeString(root.resolve("forget.jsonl"), forget);
    Files.writeString(root.resolve("retain.jsonl"), retain);
    Files.writeString(
        root.resolve("world.jsonl"),
        "{\"question\": \"what is rome?\", \"answer\": \"a town\", \"option1\": \"a name\","
            + " \"option2\": \"a town\"}\n");
    makeModel(forget.toString() + retain);
    run = run("knowledge_memorisation");
  }

  private static void makeModel(String texts) throws IOException {
    Path tokenizer = root.resolve("tokenizer.json");
    try (TextTokenizer whole = WordPieceVocabulary.bundled()) {
      PieceCounts counts = new PieceCounts().add(whole, texts);
      Files.writeString(tokenizer, WordPieceVocabulary.prune(whole, counts, 1));
    }
    try (Model model =
        new CausalLanguageModels()
            .create(
                new CausalSettings(16, 32, 1, 2, 2, 32, true),
                TaskSpec.generation(tokenizer),
                3,
                Device.cpu())) {
      model.save(root.resolve("start"));
    }
  }

  @AfterAll
  static void stop() {
    steps.close();
  }

  @Test
  void everyMethodStandsBesideTheModelThatNeverSawTheForgetSet() {
    Map<String, Double> quality = run.scores("author", "forget_quality", "forgotten");
    assertThat(quality)
        .containsOnlyKeys("victim", "retrained", "npo", "npo-lora", "npo-top", "task-vector-lora")
        .allSatisfy((method, p) -> assertThat(p).isBetween(0.0, 1.0));
    assertThat(quality.get("retrained"))
        .as("compared with itself: there is no other seed")
        .isEqualTo(1);
    Row ratio =
        run.table(Table.SCORES)
            .where("metric = 'truth_ratio' and method = 'npo' and split = 'retained'")
            .first();
    assertThat(ratio.<Double>getAs("oracle"))
        .as("beside the retrained model, for want of an oracle")
        .isEqualTo(run.scores("author", "truth_ratio", "retained").get("retrained"));
    assertThat(ratio.<Long>getAs("n")).isEqualTo(6);
  }

  /** A rate of zero shows what a training began with. */
  @Test
  void trainingBeginsWithTheModelItIsTold() throws IOException {
    String begun =
        Json.sha256(Files.readAllBytes(root.resolve("start").resolve("model.safetensors")));
    assertThat(
            run.table(Table.CHECKPOINTS)
                .where("model = 'tuned'")
                .orderBy("method")
                .selectExpr("concat(method, ' ', sha256, ' ', stopped)")
                .collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactly(
            "base " + begun + " given",
            "retrained " + begun + " given",
            "victim " + begun + " all epochs");
  }

  @Test
  void whatLacksWhatItNeedsSaysSo() {
    Row row = run.table(Table.SCORES).where("metric = 'membership_auc'").first();
    assertThat(row.<Double>getAs("value")).isNull();
    assertThat(row.<String>getAs("note")).isEqualTo("needs a forget set and test rows");
  }

  @Test
  void rowsKnowTheirAlternatives() {
    Row world = run.table(Table.EVALUATION).where("part = 'probe'").first();
    assertThat(world.<String>getAs("set")).isEqualTo("world");
    assertThat(world.<String>getList(world.fieldIndex("alternatives")))
        .as("without the target itself")
        .containsExactly("a name");
    Row forgotten = run.table(Table.EVALUATION).where("part = 'forgotten'").first();
    assertThat(forgotten.<String>getList(forgotten.fieldIndex("alternatives"))).hasSize(2);
    assertThat(forgotten.<String>getAs("paraphrase")).startsWith("she lives in");
  }

  @Test
  void adaptersAreKeptBesideTheWeightsTheyWereMergedInto() throws IOException {
    Path model = Path.of(run.run().path().toUri().getPath(), "checkpoints/model=author");
    for (String method : List.of("npo-lora", "task-vector-lora")) {
      Path directory = model.resolve("method=" + method + "/seed=0");
      assertThat(directory.resolve("model.safetensors")).exists();
      assertThat(directory.resolve("adapter/adapter_model.safetensors")).exists();
    }
    assertThat(model.resolve("method=npo/seed=0/adapter")).doesNotExist();
    assertThat(
            run.table(Table.CHECKPOINTS)
                .where("model = 'author'")
                .select("sha256")
                .distinct()
                .count())
        .as("every model is another")
        .isEqualTo(6);
  }

  /** What is read off a model is kept by what it was read from; measures are taken anew. */
  @Test
  void otherSettingsOfAMeasureNeedNoOtherReading() throws IOException {
    assertThat(run.scores("author", "knowledge_memorisation", "forgotten")).hasSize(6);
    long read = rowsWrittenAt();
    Files.delete(Path.of(run.run().path().toUri().getPath(), "manifests/score.json"));
    run = run("{name: knowledge_memorisation, sets: [world]}");
    assertThat(run.scores("author", "knowledge_memorisation", "forgotten")).isEmpty();
    assertThat(run.scores("author", "knowledge_memorisation", "world")).hasSize(6);
    assertThat(rowsWrittenAt()).isEqualTo(read);
  }

  private static long rowsWrittenAt() throws IOException {
    Path rows =
        Path.of(run.run().path().toUri().getPath(), "cells/score/rows/author.npo.0.jsonl.gz");
    return Files.getLastModifiedTime(rows).toMillis();
  }

  private static String row(int i) {
    String name = NAMES.get(i);
    String town = TOWNS.get(i % TOWNS.size());
    return ("{\"question\": \"where does %1$s live?\", \"answer\": \"%1$s lives in %2$s\","
            + " \"paraphrased\": \"she lives in %2$s\","
            + " \"perturbed\": [\"she lives in %3$s\", \"she lives in %4$s\"]}\n")
        .formatted(
            name, town, TOWNS.get((i + 1) % TOWNS.size()), TOWNS.get((i + 2) % TOWNS.size()));
  }

  private static StepFixture.Result run(String knowledge) {
    String sections =
        """
        ingest:
          corpora:
            - name: authors
              task: generation
              source:
                name: union
                parts:
                  - {source: {name: jsonl, path: '%1$s/forget.jsonl'}, add: {set: forget, split: train}}
                  - {source: {name: jsonl, path: '%1$s/retain.jsonl'}, add: {set: retain, split: train}}
                  - {source: {name: jsonl, path: '%1$s/world.jsonl'}, add: {split: world}}
              columns: {input: question, target: answer}
        decide: {given: meta.set}
        train:
          models:
            - model: author
              corpus: authors
              family: {name: causal-lm, hidden_size: 16, intermediate_size: 32, layers: 2, maximum_positions: 32}
              min_piece_count: 1
              training: {epochs: 12, batch_size: 5, learning_rate: 0.01}
              variants: [victim, retrained]
            - model: tuned
              corpus: authors
              family: {name: causal-lm}
              start: '%1$s/start'
              training: {epochs: 1, learning_rate: 0}
              given: {retrained: '%1$s/start'}
              variants: [victim, retrained]
        unlearn:
          grid:
            - {model: author, methods: [npo]}
            - {model: author, methods: [npo, task-vector], lora: {rank: 2}, as: lora}
            - {model: author, methods: [npo], layers: [2], as: top}
        score:
          paraphrase: meta.paraphrased
          alternatives: [meta.perturbed, meta.option1, meta.option2]
          reading: {answer_tokens: 8, shown_rows: 2}
          metrics:
            - %2$s
            - model_utility
            - forget_quality
            - truth_ratio
            - probability
            - rouge_l
            - verbatim_memorisation
            - relearning
            - rounding
            - priv_leak
            - membership_auc
        """
            .formatted(root, knowledge);
    return steps.run(
        "known",
        sections,
        new IngestStep(),
        new DecideStep(),
        new TrainStep(),
        new UnlearnStep(),
        new ScoreStep());
  }
}
