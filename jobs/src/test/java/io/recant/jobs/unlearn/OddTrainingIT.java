package io.recant.jobs.unlearn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.StepException;
import io.recant.core.table.Table;
import io.recant.jobs.CorporaStep;
import io.recant.jobs.StepFixture;
import io.recant.jobs.StepFixture.Result;
import io.recant.jobs.cli.CommandLineProgram;
import io.recant.jobs.score.ScoreStep;
import io.recant.jobs.train.TrainStep;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What trains and unlearns meets a loss that breaks, nothing to forget, rows that are too long. */
class OddTrainingIT {

  @TempDir Path root;
  private StepFixture fixture;

  @BeforeEach
  void begin() {
    fixture = new StepFixture(root);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  /**
   * Corpora of a few dozen rows: {@code points} to classify, a sixth to forget; {@code clean}, the
   * same with nothing to forget; {@code texts}, some of them too long.
   */
  private static final class Decided extends CorporaStep {

    private static final List<String> CLASSES = List.of("a", "b", "c");

    Decided() {
      super(2, Set.of(Table.SAMPLES, Table.CLASSES, Table.EMBEDDINGS, Table.FORGET, Table.RETAIN));
    }

    @Override
    protected void fill() {
      SplittableRandom random = new SplittableRandom(1);
      for (String corpus : List.of("points", "clean")) {
        for (int k = 0; k < CLASSES.size(); k++) {
          add(Table.CLASSES, k, CLASSES.get(k), 20L, corpus);
        }
        for (int i = 0; i < 60; i++) {
          float[] vector = new float[4];
          for (int d = 0; d < vector.length; d++) {
            vector[d] = (float) (random.nextGaussian() * 0.3 + (d == i % 3 ? 1 : 0));
          }
          boolean forget = corpus.equals("points") && i % 6 == 0;
          decided(corpus, "classification", i, "text " + i, CLASSES.get(i % 3), vector, forget);
        }
      }
      for (int i = 0; i < 30; i++) {
        String target = i % 10 == 0 ? "far too long ".repeat(20) : "short " + i;
        decided("texts", "generation", i, "text " + i, target, null, i % 5 == 0);
      }
    }

    private void decided(
        String corpus,
        String task,
        int number,
        String input,
        String target,
        float[] vector,
        boolean forget) {
      String id = corpus + number;
      sample(corpus, task, id, target, "train");
      if (vector != null) {
        add(Table.EMBEDDINGS, id, "given", "input", vector, corpus, shard(id));
      }
      add(
          forget ? Table.FORGET : Table.RETAIN,
          id,
          task,
          input,
          target,
          null,
          null,
          "train",
          null,
          null,
          null,
          null,
          "file",
          (long) number,
          forget ? 0.9 : 0.1,
          forget ? "forget" : "retain",
          new String[0],
          null,
          0.5,
          vector,
          corpus,
          shard(id));
    }
  }

  private static final String MODEL =
      """
      train:
        cells: {save_seconds: 0}
        models:
          - model: m
            corpus: points
            family: {name: text-classifier, hidden: 16}
            training: {epochs: 5, batch_size: 8, learning_rate: 0.01}
            variants: [victim]
      """;
  private static final String OTHER_MODELS =
      """
          - model: untouched
            corpus: clean
            family: {name: text-classifier, hidden: 16}
            training: {epochs: 3, batch_size: 8}
            variants: [victim]
          - model: language
            corpus: texts
            family: {name: causal-lm, hidden_size: 16, intermediate_size: 16, layers: 1, maximum_positions: 24}
            training: {epochs: 1, batch_size: 8}
            variants: [victim]
      """;

  private static Row checkpoint(Result result, String model, String method) {
    return result
        .table(Table.CHECKPOINTS)
        .where("model = '%s' and method = '%s'".formatted(model, method))
        .collectAsList()
        .get(0);
  }

  @Test
  void aBrokenLossNothingToForgetAndRowsThatAreTooLongAreSaid() throws Exception {
    Result result =
        fixture.run(
            "odd",
            MODEL
                + OTHER_MODELS
                + """
                unlearn:
                  grid:
                    - model: m
                      methods:
                        - {name: finetune, training: {epochs: 50, batch_size: 8, learning_rate: 1.0e+30}}
                    - model: untouched
                      methods: [finetune, scrub, ssd]
                    - model: language
                      methods:
                        - {name: npo, training: {epochs: 1, batch_size: 2}}
                """,
            new Decided(),
            new TrainStep(),
            new UnlearnStep(),
            new ScoreStep());

    Row broken = checkpoint(result, "m", "finetune");
    long steps = broken.getAs("steps");
    assertThat(broken.<String>getAs("stopped"))
        .isEqualTo("loss was not finite at step " + (steps + 2));
    assertThat(
            result
                .table(Table.SCORES)
                .where("model = 'm' and method = 'finetune' and n > 0 and value is null")
                .count())
        .isZero();
    assertThat(
            result
                .table(Table.SCORES)
                .where("model = 'm' and method = 'finetune' and value is not null")
                .count())
        .isPositive();

    for (String method : List.of("finetune", "scrub", "ssd")) {
      Row nothing = checkpoint(result, "untouched", method);
      assertThat(nothing.<String>getAs("stopped")).isEqualTo("nothing to forget");
      assertThat(nothing.<Long>getAs("steps")).isZero();
      assertThat(nothing.<String>getAs("sha256"))
          .isEqualTo(checkpoint(result, "untouched", "victim").getAs("sha256"));
    }

    assertThat(checkpoint(result, "language", "victim").<String>getAs("notes"))
        .isEqualTo("3 of 30 train rows were cut: they are longer than the model's context");
    assertThat(checkpoint(result, "language", "npo").<String>getAs("notes"))
        .isEqualTo("3 of 6 forget rows were cut: they are longer than the model's context");

    assertThat(shownCells())
        .contains("loss was not finite at step " + (steps + 2))
        .contains("nothing to forget")
        .contains("; 3 of 6 forget rows were cut");
    assertThat(root.resolve("odd/cells/train/training"))
        .isDirectoryNotContaining(Files::isDirectory);
  }

  private String shownCells() {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(said, true, StandardCharsets.UTF_8);
    int exit =
        CommandLineProgram.run(
            new String[] {
              "show", "cells", "--root", root.toString(), "--run-id", "odd", "--master", "local[2]"
            },
            print,
            print);
    assertThat(exit).isZero();
    return said.toString(StandardCharsets.UTF_8);
  }

  /** Weights this large break the first loss there is. */
  @Test
  void aLossThatIsBrokenFromTheStartFailsTheCell() {
    assertThatThrownBy(
            () ->
                fixture.run(
                    "broken",
                    MODEL
                        + """
                        unlearn:
                          grid:
                            - model: m
                              methods:
                                - {name: gradient-difference, gamma: 1.0e+39, training: {epochs: 2}}
                        """,
                    new Decided(),
                    new TrainStep(),
                    new UnlearnStep()))
        .isInstanceOf(StepException.class)
        .hasMessageContainingAll("m.gradient-difference.0", "step 0", "lower the learning rate");
  }
}
