package io.recant.jobs.cells;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.config.Strategy;
import io.recant.core.manifest.Json;
import io.recant.core.registry.Configured;
import io.recant.core.registry.Registry;
import io.recant.ml.causal.CausalLanguageModels;
import io.recant.ml.causal.CausalSettings;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Model;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.model.classifier.TextClassifierFamily;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.tokenizer.PieceCounts;
import io.recant.ml.tokenizer.TextTokenizer;
import io.recant.ml.tokenizer.WordPieceVocabulary;
import io.recant.ml.train.Execution;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Training;
import io.recant.ml.unlearn.UnlearningMethod;
import io.recant.ml.unlearn.UnlearningTask;
import io.recant.spark.grid.CellContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.hadoop.conf.Configuration;

/**
 * A process that trains and unlearns a few small models, saving a state at every step, and may be
 * killed at any moment: started again in the same folder it does what is left.
 */
public final class TrainingProcess {

  private static final int WIDTH = 8;
  private static final String TRAINING =
      "training: {epochs: 4, batch_size: 8, learning_rate: 0.003, decay: linear}";

  /** The unlearnings, and whether each is of the language model. */
  private static final Map<String, Boolean> METHODS =
      Map.of(
          "finetune", false,
          "gradient-difference", true,
          "npo", true,
          "random-labels", false,
          "scrub", false,
          "task-vector", false);

  private TrainingProcess() {}

  /** Works in the folder of its argument; says every step and every note on standard output. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    work(
        folder.resolve("training"),
        classifier(),
        surroundings ->
            Training.run(
                    surroundings.model(),
                    Examples.of(points(60, 1)),
                    new OptimizationSettings(5, 8, 0.01, 0.01, 0.1, Decay.COSINE, 1, 40),
                    3,
                    surroundings.execution())
                .stopped());
    for (String method : METHODS.keySet().stream().sorted().toList()) {
      boolean language = METHODS.get(method);
      work(
          folder.resolve(method),
          language ? languageModel(folder) : classifier(),
          surroundings -> unlearn(method, language, surroundings));
    }
  }

  /** A model and what is around its training. */
  private record Surroundings(Model model, Execution execution) {}

  /** What changes the model; tells how it ended. */
  private interface Work {
    String run(Surroundings surroundings) throws IOException;
  }

  private static void work(Path folder, Model start, Work work) throws IOException {
    Path done = folder.resolve("done.txt");
    try (Model model = start) {
      if (Files.exists(done)) {
        return;
      }
      CellContext context =
          new CellContext(
              "cpu",
              new Configuration(),
              1,
              "key",
              new org.apache.hadoop.fs.Path(folder.resolve("state").toUri()));
      TrainingLog log = new TrainingLog(1);
      try (CellExecution cell =
          CellExecution.begin(new CellSettings("auto", 0), model, log, context)) {
        Execution quiet = cell.surroundings();
        Execution said =
            new Execution(
                quiet.log().andThen(entry -> System.out.println("step")),
                quiet.nanoClock(),
                quiet.memory(),
                quiet.states(),
                quiet.notes().andThen(System.out::println));
        String ended = work.run(new Surroundings(model, said));
        model.save(folder);
        List<String> lines = new ArrayList<>(List.of(ended));
        for (ModelCell.Logged entry : log.entries()) {
          lines.add(
              "%d %d %s %s %s %s %s"
                  .formatted(
                      entry.step(),
                      entry.epoch(),
                      entry.loss(),
                      entry.forgetLoss(),
                      entry.retainLoss(),
                      entry.learningRate(),
                      entry.gradientNorm()));
        }
        Path partial = folder.resolve("done.partial");
        Files.write(partial, lines);
        Files.move(partial, done);
      }
    }
  }

  private static String unlearn(String method, boolean language, Surroundings surroundings)
      throws IOException {
    JsonNode settings =
        new com.fasterxml.jackson.dataformat.yaml.YAMLMapper()
            .readTree(
                switch (method) {
                  case "gradient-difference", "npo" -> TRAINING + "\nforget_ceiling: 60";
                  case "finetune", "scrub" -> TRAINING + "\nhold_back_every: 4";
                  default -> TRAINING;
                });
    Registry<UnlearningMethod<?>> methods = Registry.load(UnlearningMethod.class, "method");
    Configured<UnlearningMethod<?>> configured =
        methods.configure(
            new Strategy(method, (com.fasterxml.jackson.databind.node.ObjectNode) settings), "x");
    return unlearn(configured.extension(), configured.settings(), language, surroundings);
  }

  private static <S extends Record> String unlearn(
      UnlearningMethod<S> method, Record settings, boolean language, Surroundings surroundings) {
    try (Model reference = surroundings.model().frozenCopy()) {
      return method
          .unlearn(
              method.settings().cast(settings),
              new UnlearningTask(
                  surroundings.model(),
                  Optional.of(reference),
                  Examples.of(language ? pairs(0, 24) : points(40, 2)),
                  Examples.of(language ? pairs(24, 60) : points(60, 1)),
                  7,
                  UnlearningTask.Limits.none(),
                  surroundings.execution()))
          .words();
    }
  }

  private static Model classifier() {
    return new TextClassifierFamily()
        .create(
            new TextClassifierFamily.Settings(30, 0.3),
            TaskSpec.classification(List.of("a", "b", "c"), WIDTH),
            1,
            Device.cpu());
  }

  private static List<Example> points(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Example> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] vector = new float[WIDTH];
      for (int k = 0; k < WIDTH; k++) {
        vector[k] = (float) (random.nextGaussian() + (k == i % 3 ? 2 : 0));
      }
      points.add(new Example("p" + i, null, List.of("a", "b", "c").get(i % 3), vector));
    }
    return points;
  }

  private static Model languageModel(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path tokenizer = folder.resolve("tokenizer.json");
    try (TextTokenizer whole = WordPieceVocabulary.bundled()) {
      PieceCounts counts = new PieceCounts();
      pairs(0, 60).forEach(e -> counts.add(whole, e.input()).add(whole, e.target()));
      Files.writeString(tokenizer, WordPieceVocabulary.prune(whole, counts, 1));
    }
    return new CausalLanguageModels()
        .create(
            new CausalSettings(32, 48, 1, 4, 2, 24, true),
            TaskSpec.generation(tokenizer),
            1,
            Device.cpu());
  }

  private static List<Example> pairs(int from, int to) {
    List<Example> pairs = new ArrayList<>();
    for (int i = from; i < to; i++) {
      String hash = Json.sha256(("pair " + i).getBytes(StandardCharsets.UTF_8));
      pairs.add(
          new Example(
              "q" + i, hash.substring(0, 4), hash.substring(4, 8 + i % 5).replace('0', ' '), null));
    }
    return pairs;
  }
}
