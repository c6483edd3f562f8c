package io.recant.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.recant.core.error.InputException;
import io.recant.core.table.Table;
import io.recant.jobs.cells.Fold;
import io.recant.jobs.decide.DecideStep;
import io.recant.jobs.detect.DetectStep;
import io.recant.jobs.features.FeaturesStep;
import io.recant.jobs.ingest.IngestStep;
import io.recant.jobs.inject.InjectStep;
import io.recant.jobs.score.ScoreStep;
import io.recant.jobs.train.TrainStep;
import io.recant.jobs.unlearn.UnlearnStep;
import io.recant.ml.data.Image;
import io.recant.ml.data.PngEncoder;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.Step;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pictures from files to scores: three classes of bright halves and a chequered board, two of which
 * somebody has confused.
 */
class PicturesIT {

  private static final int SIDE = 8;
  private static final int TRAIN = 900;
  private static final int TEST = 150;
  private static final int FOLDS = 3;
  private static final int BATCH = 32;
  private static final int EPOCHS = 3;

  private static final String MODELS =
      """
      detect: {detectors: [like-known]}
      train:
        models:
          - model: boards
            corpus: boards
            family: {name: image-classifier, width: 8}
            training: {epochs: 8, batch_size: 32, learning_rate: 0.005, weight_decay: 0}
            variants: [victim, oracle]
      unlearn:
        grid: [{model: boards, methods: [correct]}]
      """;

  @TempDir static Path root;
  private static StepFixture steps;
  private static StepFixture.Result run;

  @BeforeAll
  static void runTheSteps() throws IOException {
    Random random = new Random(5);
    write("train", TRAIN, random);
    write("test", TEST, random);
    steps = new StepFixture(root.resolve("runs"));
    run =
        steps.run(
            "whole",
            features() + MODELS,
            new IngestStep(),
            new InjectStep(),
            new FeaturesStep(),
            new DetectStep(),
            new DecideStep(),
            new TrainStep(),
            new UnlearnStep(),
            new ScoreStep());
  }

  @AfterAll
  static void stop() {
    steps.close();
  }

  private static String features() {
    return """
        ingest:
          corpora:
            - name: boards
              task: classification
              source:
                name: idx
                splits:
                  train: {images: '%1$s/train-images', labels: '%1$s/train-labels'}
                  test: {images: '%1$s/test-images', labels: '%1$s/test-labels'}
                classes: [top, left, chequered]
        inject:
          known_share: 0.3
          corpora:
            boards: [{name: interclass-confusion, classes: [top, left], share: 0.25}]
        features:
          folds: %2$d
          pictures:
            family: {name: image-classifier, width: 8}
            training: {epochs: %3$d, batch_size: %4$d, learning_rate: 0.005}
        """
        .formatted(root, FOLDS, EPOCHS, BATCH);
  }

  private static void write(String split, int rows, Random random) throws IOException {
    ByteBuffer images = ByteBuffer.allocate(16 + rows * SIDE * SIDE);
    images.putInt(0x0803).putInt(rows).putInt(SIDE).putInt(SIDE);
    ByteBuffer labels = ByteBuffer.allocate(8 + rows).putInt(0x0801).putInt(rows);
    for (int i = 0; i < rows; i++) {
      images.put(picture(i % 3, random));
      labels.put((byte) (i % 3));
    }
    Files.write(root.resolve(split + "-images"), images.array());
    Files.write(root.resolve(split + "-labels"), labels.array());
  }

  private static byte[] picture(int kind, Random random) {
    byte[] pixels = new byte[SIDE * SIDE];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        boolean bright =
            switch (kind) {
              case 0 -> y < SIDE / 2;
              case 1 -> x < SIDE / 2;
              default -> (x + y) % 2 == 0;
            };
        pixels[y * SIDE + x] = (byte) ((bright ? 120 : 40) + random.nextInt(100));
      }
    }
    return pixels;
  }

  @Test
  void everyTrainSampleIsPredictedByAModelThatDidNotTrainOnItsFold() {
    Dataset<Row> predictions = run.table(Table.PREDICTIONS);
    assertThat(predictions.count()).isEqualTo(TRAIN);
    long seed = Seeds.derive(42, "features/pictures/folds/boards");
    long[] held = new long[FOLDS];
    for (Row row : predictions.collectAsList()) {
      assertThat(row.<String>getAs("model")).isEqualTo("image-classifier");
      int fold = row.getAs("fold");
      assertThat(fold).isEqualTo(Fold.numberOf(row.getAs("sample_id"), FOLDS, seed));
      held[fold]++;
      List<Float> p = row.getList(row.fieldIndex("probabilities"));
      assertThat(p.stream().mapToDouble(v -> v).sum()).isCloseTo(1, within(1e-4));
    }
    for (int fold = 0; fold < FOLDS; fold++) {
      long learned = TRAIN - held[fold];
      assertThat(stepsOf("boards." + fold))
          .as("steps of the model without fold " + fold)
          .isEqualTo(EPOCHS * ((learned + BATCH - 1) / BATCH));
    }
    assertThat(stepsOf("boards.all")).isEqualTo(EPOCHS * ((TRAIN + BATCH - 1) / BATCH));
  }

  private static long stepsOf(String cell) {
    Path file =
        root.resolve("runs/whole/cells/features/models-of-pictures").resolve(cell + ".json");
    return steps
        .spark()
        .read()
        .option("multiLine", true)
        .json(file.toString())
        .selectExpr("result.steps")
        .head()
        .getLong(0);
  }

  /** What is predicted is what a row should be called, not what it is. */
  @Test
  void predictionsSeeThroughTheDamage() {
    Dataset<Row> judged =
        run.table(Table.PREDICTIONS)
            .join(run.table(Table.INJECTIONS).select("sample_id", "before"), "sample_id")
            .join(
                run.table(Table.CLASSES).selectExpr("class_name as before", "class_index"),
                "before");
    assertThat(judged.count()).isGreaterThan(140);
    assertThat(
            judged
                .where("array_position(probabilities, array_max(probabilities)) = class_index + 1")
                .count())
        .isGreaterThan(judged.count() * 9 / 10);
  }

  @Test
  void everySampleHasAVectorOfLengthOne() {
    Dataset<Row> vectors = run.table(Table.EMBEDDINGS);
    assertThat(vectors.select("sample_id").distinct().count()).isEqualTo(TRAIN + TEST);
    assertThat(vectors.count()).isEqualTo(TRAIN + TEST);
    assertThat(vectors.selectExpr("size(vector)").distinct().count()).isEqualTo(1);
    assertThat(vectors.where("abs(aggregate(vector, 0d, (s, v) -> s + v * v) - 1) > 1e-4").count())
        .isZero();
  }

  @Test
  void modelsLearnFromPicturesAndAreScoredOnThem() {
    Map<String, Double> affected = run.scores("boards", "acc_corr", "affected");
    Map<String, Double> damaged = run.scores("boards", "acc_corrupted", "corrupted");
    assertThat(affected.get("oracle")).isGreaterThan(0.97);
    assertThat(affected.get("correct")).isGreaterThan(0.95);
    assertThat(damaged.get("correct")).isGreaterThan(damaged.get("victim"));
    assertThat(run.table(Table.FORGET).where("image is null").count()).isZero();
  }

  @Test
  void theSameRunGivesTheSameRows() {
    StepFixture.Result again =
        steps.run("again", features(), new IngestStep(), new InjectStep(), new FeaturesStep());
    assertThat(again.contents("features")).isEqualTo(run.contents("features"));
  }

  @Test
  void aSampleWithoutAPictureAmongPicturesIsNamed() throws IOException {
    String png =
        Base64.getEncoder().encodeToString(PngEncoder.encode(new Image(4, 4, 1, new byte[16])));
    Files.writeString(
        root.resolve("mixed.jsonl"),
        """
        {"input": "", "target": "a", "image": "%1$s"}
        {"input": "words alone", "target": "b"}
        """
            .formatted(png));
    Step<?>[] both = {new IngestStep(), new FeaturesStep()};
    assertThatThrownBy(
            () ->
                steps.run(
                    "mixed",
                    """
                    ingest:
                      corpora:
                        - {name: m, task: classification, test_share: 0,
                           source: {name: jsonl, path: '%s'}, columns: {image: image}}
                    """
                        .formatted(root.resolve("mixed.jsonl")),
                    both))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("corpus m has pictures, but 1 of its samples have none");
  }
}
