package io.recant.jobs.detect;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.jobs.StepFixture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Samples and predictions meet whether or not their orders agree. */
class LabelledRowsIT {

  private static final int SHARDS = 3;
  private static final int ROWS = 300;

  @TempDir Path root;

  @Test
  void theOrderOfSamplesAndPredictionsDoesNotMatter() {
    try (StepFixture fixture = new StepFixture(root)) {
      List<String> ordered = joined(fixture.spark(), 0, 0);

      assertThat(ordered)
          .hasSize(ROWS - 1 + 10)
          .contains("s0000 false 0 [0.0, 1.0]", "s0011 false 1 []", "c0020 true 1 [20.0, 1.0]")
          .noneMatch(row -> row.startsWith("s0004 "));
      assertThat(joined(fixture.spark(), 1, 0)).containsExactlyElementsOf(ordered);
      assertThat(joined(fixture.spark(), 0, 2)).containsExactlyElementsOf(ordered);
      assertThat(joined(fixture.spark(), 3, 4)).containsExactlyElementsOf(ordered);
    }
  }

  /** Id, canary, given class and probabilities; 0 keeps the order of ids. */
  private static List<String> joined(SparkSession spark, long samplesSeed, long predictionsSeed) {
    List<Row> samples = new ArrayList<>();
    List<Row> canaries = new ArrayList<>();
    List<Row> predictions = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      String id = "s%04d".formatted(i);
      // One sample is of an unknown class, some have no prediction, some predictions no sample.
      samples.add(RowFactory.create(id, i == 4 ? "other" : "class " + i % 2, i % SHARDS));
      predictions.add(RowFactory.create("s%04dx".formatted(i), "m", List.of(9f, 9f), i % SHARDS));
      if (i % 11 != 0 || i == 0) {
        predictions.add(RowFactory.create(id, "m", List.of((float) i, 1f), i % SHARDS));
      }
      predictions.add(RowFactory.create(id, "another", List.of(8f, 8f), i % SHARDS));
      predictions.add(RowFactory.create(id + "z", "m", null, i % SHARDS));
      if (i < 30 && i % 3 == 2) {
        canaries.add(
            RowFactory.create("c%04d".formatted(i), id, "class " + (i + 1) % 2, i % SHARDS));
      }
    }
    shuffle(samples, samplesSeed);
    shuffle(predictions, predictionsSeed);
    return LabelledRows.of(
            table(spark, samples, "sample_id string, target string, shard int"),
            table(spark, canaries, "canary_id string, sample_id string, target string, shard int"),
            table(
                spark,
                predictions,
                "sample_id string, model string, probabilities array<float>, shard int"),
            "m",
            List.of("class 0", "class 1"),
            SHARDS)
        .flatMap(LabelledBlock::rows)
        .map(
            row ->
                "%s %s %d %s"
                    .formatted(row.id(), row.canary(), row.given(), Arrays.toString(row.p())))
        .collect()
        .stream()
        .sorted()
        .toList();
  }

  private static void shuffle(List<Row> rows, long seed) {
    if (seed != 0) {
      Collections.shuffle(rows, new Random(seed));
    }
  }

  private static Dataset<Row> table(SparkSession spark, List<Row> rows, String columns) {
    return spark.createDataFrame(rows, (StructType) DataType.fromDDL(columns)).coalesce(1);
  }
}
