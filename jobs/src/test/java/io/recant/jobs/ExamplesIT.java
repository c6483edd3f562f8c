package io.recant.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.recant.core.table.Table;
import io.recant.jobs.cli.CommandLineProgram;
import io.recant.ml.causal.CausalLanguageModels;
import io.recant.ml.causal.CausalSettings;
import io.recant.ml.model.Model;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.tokenizer.PieceCounts;
import io.recant.ml.tokenizer.TextTokenizer;
import io.recant.ml.tokenizer.WordPieceVocabulary;
import io.recant.spark.run.RunDirectory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every configuration under conf/examples runs to its end on a little data of the kind it is for.
 */
class ExamplesIT {

  private static final List<String> TOPICS = List.of("invoice", "password", "delivery");
  private static final int ROWS = 150;

  @TempDir private Path folder;

  @BeforeEach
  void makeFolders() throws IOException {
    Files.createDirectories(folder.resolve("data"));
    Files.createDirectories(folder.resolve("models/assistant"));
  }

  @Test
  void ownTexts() throws Exception {
    for (int file = 0; file < 2; file++) {
      try (Writer out =
          new OutputStreamWriter(
              new GZIPOutputStream(
                  Files.newOutputStream(folder.resolve("data/tickets-" + file + ".jsonl.gz"))),
              StandardCharsets.UTF_8)) {
        for (int i = file; i < ROWS; i += 2) {
          out.write(
              "{\"ticket\": \"t%d\", \"text\": \"%s\", \"label\": \"%s\", \"queue\": %d}%n"
                  .formatted(i, text(i), TOPICS.get(i % 3), i % 7));
        }
      }
    }
    RunDirectory run = run("own-jsonl");
    assertThat(run.rows(Table.SAMPLES)).isEqualTo(ROWS);
    assertThat(run.rows(Table.EMBEDDINGS)).isEqualTo(ROWS);
    assertThat(run.rows(Table.PREDICTIONS)).isBetween(1L, (long) ROWS);
    assertThat(run.rows(Table.FINDINGS)).isPositive();
  }

  @Test
  void severalAnnotators() throws Exception {
    StringBuilder csv = new StringBuilder("item,text,answer,worker\n");
    for (int i = 0; i < ROWS; i++) {
      for (int worker = 0; worker < 3; worker++) {
        int answer = worker == 2 && i % 5 == 0 ? i + 1 : i;
        csv.append("i%d,%s,%s,w%d%n".formatted(i, text(i), TOPICS.get(answer % 3), worker));
      }
    }
    Files.writeString(folder.resolve("data/answers.csv"), csv);
    RunDirectory run = run("own-annotations");
    assertThat(run.rows(Table.SAMPLES)).isEqualTo(ROWS);
    assertThat(run.rows(Table.ANNOTATIONS)).isEqualTo(3 * ROWS);
    assertThat(run.rows(Table.CONSENSUS)).isEqualTo(ROWS);
    assertThat(run.rows(Table.ANNOTATORS)).isEqualTo(3);
    assertThat(run.manifest("consensus").orElseThrow().measures())
        .containsKeys("crowd.log_likelihood.dawid-skene", "crowd.log_likelihood.crowdlab");
  }

  @Test
  void ownProbabilities() throws Exception {
    Random random = new Random(5);
    List<Row> rows = new ArrayList<>();
    List<String> classes =
        List.of(
            "airplane",
            "automobile",
            "bird",
            "cat",
            "deer",
            "dog",
            "frog",
            "horse",
            "ship",
            "truck");
    for (int i = 0; i < ROWS; i++) {
      double[] p = new double[10];
      double[] vector = new double[8];
      java.util.Arrays.fill(p, 0.02);
      p[i % 10] = 0.82;
      for (int k = 0; k < vector.length; k++) {
        vector[k] = (k == i % 8 ? 1 : 0) + 0.1 * random.nextGaussian();
      }
      int given = i % 12 == 0 ? (i + 1) % 10 : i % 10;
      rows.add(RowFactory.create((long) i, "image " + i, classes.get(given), p, vector));
    }
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .getOrCreate()) {
      spark
          .createDataFrame(
              rows,
              StructType.fromDDL(
                  "image_index long, image_name string, noisy_label string,"
                      + " pred_probs array<double>, vector array<double>"))
          .write()
          .parquet(folder.resolve("data/predictions.parquet").toString());
    }
    RunDirectory run = run("own-probabilities");
    assertThat(run.rows(Table.SAMPLES)).isEqualTo(ROWS);
    assertThat(run.manifest("ingest").orElseThrow().tables().get("predictions").rows())
        .isEqualTo(ROWS);
    assertThat(run.manifest("features").orElseThrow().tables().get("predictions").rows())
        .as("nothing is predicted that was given")
        .isZero();
    assertThat(run.rows(Table.EMBEDDINGS)).isEqualTo(ROWS);
  }

  @Test
  void ownModel() throws Exception {
    List<String> answers = new ArrayList<>();
    StringBuilder jsonl = new StringBuilder();
    for (int i = 0; i < ROWS; i++) {
      answers.add("the " + TOPICS.get(i % 3) + " of customer " + i + " is open");
      jsonl.append(
          "{\"id\": %d, \"prompt\": \"state of customer %d\", \"answer\": \"%s\"}%n"
              .formatted(i, i, answers.get(i % 9 == 0 ? Math.max(0, i - 4) : i)));
    }
    Files.writeString(folder.resolve("data/prompts.jsonl"), jsonl);
    writeModel(jsonl.toString());
    RunDirectory run = run("own-model");
    assertThat(run.rows(Table.SAMPLES)).isEqualTo(ROWS);
    for (String method : List.of("victim", "gradient-difference", "npo")) {
      assertThat(folder.resolve("runs/own-model/checkpoints/model=assistant/method=" + method))
          .isDirectoryRecursivelyContaining("glob:**/model.safetensors");
    }
    assertThat(run.rows(Table.SCORES)).isPositive();
  }

  @Test
  void ownForgetSet() throws Exception {
    StringBuilder texts = new StringBuilder();
    for (String file : List.of("forget", "retain", "unseen")) {
      StringBuilder jsonl = new StringBuilder();
      for (int i = 0; i < 9; i++) {
        jsonl.append(
            "{\"prompt\": \"%s of customer %d\", \"answer\": \"the %s is open\"}%n"
                .formatted(file, i, TOPICS.get(i % 3)));
      }
      Files.writeString(folder.resolve("data/" + file + ".jsonl"), jsonl);
      texts.append(jsonl);
    }
    writeModel(texts.toString());
    RunDirectory run = run("own-forget-set");
    assertThat(run.rows(Table.FORGET)).isEqualTo(9);
    assertThat(run.rows(Table.RETAIN)).isEqualTo(18);
    assertThat(folder.resolve("runs/own-forget-set/checkpoints/model=assistant/method=npo-lora"))
        .isDirectoryRecursivelyContaining("glob:**/adapter/adapter_model.safetensors");
    assertThat(run.rows(Table.SCORES)).isPositive();
  }

  private void writeModel(String texts) throws IOException {
    Path assistant = folder.resolve("models/assistant");
    Path tokenizer = folder.resolve("tokenizer.json");
    try (TextTokenizer whole = WordPieceVocabulary.bundled()) {
      Files.writeString(
          tokenizer, WordPieceVocabulary.prune(whole, new PieceCounts().add(whole, texts), 1));
    }
    try (Model model =
        new CausalLanguageModels()
            .create(
                new CausalSettings(32, 48, 1, 2, 2, 48, true),
                TaskSpec.generation(tokenizer),
                3,
                Device.cpu())) {
      model.save(assistant);
    }
  }

  private static String text(int i) {
    return "customer " + i + " asks about the " + TOPICS.get(i % 3) + " of order " + 31 * i % 97;
  }

  /** Runs an example as it stands, but for where data and models are. */
  private RunDirectory run(String example) throws IOException {
    String yaml = Files.readString(Path.of("..", "conf", "examples", example + ".yaml"));
    Path conf =
        Files.writeString(
            folder.resolve(example + ".yaml"),
            yaml.replace("data/", folder.resolve("data") + "/")
                .replace("models/", folder.resolve("models") + "/"));
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(said, true, StandardCharsets.UTF_8);
    String root = folder.resolve("runs").toString();
    int exit =
        CommandLineProgram.run(
            new String[] {
              "pipeline", "--conf", conf.toString(), "--root", root, "--master", "local[2]"
            },
            print,
            print);
    assertThat(exit).as(said.toString(StandardCharsets.UTF_8)).isZero();
    RunDirectory run = RunDirectory.open(root, example, new Configuration());
    assertThat(run.rows(Table.FORGET) + run.rows(Table.RETAIN) + run.rows(Table.REVIEW))
        .isEqualTo(run.rows(Table.SAMPLES));
    assertThat(folder.resolve("runs/" + example + "/report/index.html")).isNotEmptyFile();
    return run;
  }
}
