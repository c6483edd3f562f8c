package io.recant.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.registry.Extension;
import io.recant.core.registry.Registry;
import io.recant.core.table.Table;
import io.recant.jobs.SampleSettings;
import io.recant.spark.step.Step;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line as far as it goes without Spark. */
class CommandLineProgramTest {

  private static final int DONE = 0;
  private static final int USAGE = 64;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path folder;

  @Test
  void withoutACommandItSaysWhatThereIs() {
    assertThat(run()).isEqualTo(USAGE);
    assertThat(err())
        .contains("Usage: recant", "COMMAND", "recant quickstart", "Exit status: 0 done")
        .contains("pipeline", "list", "show", "check");
    Extensions.load()
        .steps()
        .all()
        .forEach(step -> assertThat(err()).contains(step.name()).contains(firstWords(step)));
    assertThat(out()).isEmpty();
  }

  @Test
  void helpAndVersionAreNoErrors() {
    assertThat(run("--help")).isEqualTo(DONE);
    assertThat(out()).contains("Usage: recant");
    assertThat(err()).isEmpty();
    assertThat(run("pipeline", "--help")).isEqualTo(DONE);
    assertThat(out()).contains("Usage: recant pipeline", "--conf", "--set", "--run-id");
    assertThat(run("--version")).isEqualTo(DONE);
    assertThat(out()).containsPattern("recant \\d+\\.\\d+\\S* \\(\\S+\\)").doesNotContain("${");
  }

  @ParameterizedTest
  @CsvSource({"pipelin, pipeline", "chek, check", "quikstart, quickstart", "lst, list"})
  void anUnknownCommandNamesTheNearest(String written, String meant) {
    assertThat(run(written)).isEqualTo(USAGE);
    assertThat(err()).contains("recant:", "'" + written + "'", "Did you mean", meant);
    assertThat(err()).contains("--help").doesNotContain("\tat ");
  }

  @Test
  void anUnknownOptionIsWrongUse() {
    assertThat(run("check", "--cnf", "x.yaml")).isEqualTo(USAGE);
    assertThat(err()).contains("recant:", "--cnf", "recant check --help");
    assertThat(run("show", "samples", "--rows", "many")).isEqualTo(USAGE);
    assertThat(err()).contains("--rows", "many");
  }

  @Test
  void listShowsEveryExtensionWithItsSettings() {
    assertThat(run("list")).isEqualTo(DONE);
    Map<String, Registry<? extends Extension<?>>> kinds = Extensions.load().kinds();
    kinds.forEach(
        (plural, registry) -> {
          assertThat(out().lines()).contains(plural);
          registry
              .all()
              .forEach(
                  extension ->
                      assertThat(out()).contains("  " + extension.name(), extension.summary()));
        });
    assertThat(run("list", "steps")).isEqualTo(DONE);
    assertThat(out().lines()).contains("steps");
  }

  @Test
  void listRefusesWhatThereIsNot() {
    assertThat(run("list", "stepps")).isEqualTo(USAGE);
    assertThat(err()).contains("no kind 'stepps'", "did you mean 'steps'?");
    assertThat(run("list", "steps", "nosuchstep")).isEqualTo(USAGE);
    assertThat(err()).contains("list steps: there is no step 'nosuchstep'", "valid:");
    assertThat(run("list", "a", "b", "c")).isEqualTo(USAGE);
  }

  @Test
  void showRefusesATableThereIsNot() throws IOException {
    Path conf = write(good());
    // Found out before a Spark application is started for it.
    assertThat(run("show", "sampels", "--conf", conf.toString())).isEqualTo(USAGE);
    assertThat(err()).contains("there is no table 'sampels'", "did you mean 'samples'?");
    assertThat(org.apache.spark.sql.SparkSession.getDefaultSession().isDefined()).isFalse();
  }

  @Test
  void checkPrintsAGoodConfigurationFilledIn() throws IOException {
    Path conf = write(good());
    assertThat(run("check", "--conf", conf.toString())).as(err()).isEqualTo(DONE);
    assertThat(out()).contains("The configuration is good: " + loneStep().name());
    assertThat(err()).isEmpty();
  }

  /**
   * Llama 3.2 1B has 1,235,814,400 parameters: six copies in float32 are 27.62 GiB, two passes over
   * 512 tokens 2 x 4 (16 x 512 (36 x 2048 + 9 x 8192 + 3 x 32 x 512) + 5 x 512 x 128256) bytes or
   * 14.45 GiB.
   */
  @Test
  void checkSaysWhatMemoryAModelOfOnesOwnNeeds() throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "llama", "vocab_size": 128256, "hidden_size": 2048, "intermediate_size": 8192,
         "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 64,
         "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 500000.0,
         "hidden_act": "silu", "tie_word_embeddings": true, "bos_token_id": 128000, "eos_token_id": 128001}
        """);
    Path conf = folder.resolve("own.yaml");
    Files.writeString(
        conf,
        """
        run: {id: a}
        steps: [ingest, train]
        ingest: {corpora: []}
        train: {models: [{model: m, corpus: c, family: causal-lm, start: "%s", training: {batch_size: 4}}]}
        """
            .formatted(folder));
    assertThat(run("check", "--conf", conf.toString())).as(err()).isEqualTo(DONE);
    assertThat(out())
        .contains(
            "For train: model 'm'", "1,235,814,400 parameters", "spark.executor.memoryOverhead")
        .contains("at least 0.7g and 42.1g more for each cell", "with 85.4g for each")
        .contains("a step of 4 examples of 512 tokens");

    Files.delete(folder.resolve("config.json"));
    assertThat(run("check", "--conf", conf.toString())).isEqualTo(DONE);
    assertThat(out()).contains("there is no config.json to be read");
  }

  @Test
  void checkNamesWhatIsWrong() throws IOException {
    String step = loneStep().name();
    Path conf = write(good());
    assertRefused(conf, step + ".no_such_key=1", "unknown key '" + step + ".no_such_key'");
    assertRefused(conf, "run.sed=1", "unknown key 'run.sed'", "did you mean 'seed'?");
    assertRefused(conf, "nosuchsection.a=1", "unknown key 'nosuchsection'", "test.yaml");
    assertRefused(conf, "run.shards=many", "run.shards: expected a whole number");
    assertRefused(conf, "steps=[nosuchstep]", "there is no step 'nosuchstep'");
    assertRefused(conf, "run", "--set run: expected key=value");
    assertThat(run("check", "--conf", conf.toString(), "--run-id", "../up")).isEqualTo(USAGE);
    assertThat(err()).contains("run.id: '../up' cannot name a folder");
  }

  @Test
  void optionsOfTheRunAreTakenAsText() throws IOException {
    Path conf = write(good());
    assertThat(run("check", "--conf", conf.toString(), "--run-id", "2026_01", "--root", "a: b"))
        .as(err())
        .isEqualTo(DONE);
  }

  @Test
  void theConfigurationMustBeThereAndYaml() throws IOException {
    assertThat(run("check")).isEqualTo(USAGE);
    assertThat(err()).contains("--conf FILE is missing");
    assertThat(run("pipeline", "--conf", "no-such.yaml")).isEqualTo(USAGE);
    assertThat(err()).contains("--conf no-such.yaml: there is no such file");
    Path broken = write("run: {id: a}\nsteps: [x\n");
    assertThat(run("check", "--conf", broken.toString())).isEqualTo(USAGE);
    assertThat(err()).contains("test.yaml", "not valid YAML at line");
  }

  @Test
  void aStepThatReadsSamplesStandsBehindOneThatWritesThem() throws IOException {
    Step<?> reader =
        Extensions.load().steps().all().stream()
            .filter(step -> reads(step).contains(Table.SAMPLES))
            .findFirst()
            .orElseThrow();
    Path conf = write(configuration(reader));
    assertThat(run("check", "--conf", conf.toString())).isEqualTo(USAGE);
    assertThat(err()).contains("recant: ").doesNotContain("\tat ");
  }

  @TestFactory
  Stream<DynamicTest> bundledConfigurationsAreGood() throws IOException {
    Path conf = Path.of("../conf").toAbsolutePath().normalize();
    try (Stream<Path> files = Files.walk(conf)) {
      return files
          .filter(f -> f.toString().endsWith(".yaml"))
          .filter(CommandLineProgramTest::isPipeline)
          .toList()
          .stream()
          .map(
              file ->
                  dynamicTest(
                      conf.relativize(file).toString(),
                      () ->
                          assertThat(run("check", "--conf", file.toString(), "--run-id", "x"))
                              .as(err())
                              .isEqualTo(DONE)));
    }
  }

  private static boolean isPipeline(Path file) {
    try {
      return SampleSettings.yaml(Files.readString(file)).has("steps");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void assertRefused(Path conf, String override, String... parts) {
    assertThat(run("check", "--conf", conf.toString(), "--set", override)).isEqualTo(USAGE);
    assertThat(err()).startsWith("recant: ").contains(parts).doesNotContain("\tat ");
    assertThat(out()).doesNotContain("is good");
  }

  /** A step that is a pipeline by itself. */
  private static Step<?> loneStep() {
    return Extensions.load().steps().all().stream()
        .filter(step -> !reads(step).contains(Table.SAMPLES) && passesItsCheck(step))
        .findFirst()
        .orElseThrow();
  }

  private static <C extends Record> java.util.Set<Table> reads(Step<C> step) {
    return step.reads(SampleSettings.of(step.settings()));
  }

  private static <C extends Record> boolean passesItsCheck(Step<C> step) {
    try {
      step.check(SampleSettings.of(step.settings()));
      return true;
    } catch (io.recant.core.error.ConfigException e) {
      return false;
    }
  }

  private static String good() {
    return configuration(loneStep());
  }

  private static String configuration(Step<?> step) {
    ObjectNode tree = SampleSettings.yaml("run: {id: test}");
    tree.putArray("steps").add(step.name());
    tree.set(step.name(), SampleSettings.tree(step.settings()));
    return tree.toString();
  }

  private static String firstWords(Step<?> step) {
    return step.summary().substring(0, Math.min(20, step.summary().length()));
  }

  private Path write(String yaml) throws IOException {
    return Files.writeString(folder.resolve("test.yaml"), yaml);
  }

  private int run(String... args) {
    out.reset();
    err.reset();
    return CommandLineProgram.run(
        args,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
