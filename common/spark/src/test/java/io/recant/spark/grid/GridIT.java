package io.recant.spark.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
import io.recant.core.table.Table;
import io.recant.spark.FakeStep;
import io.recant.spark.SparkTestSession;
import io.recant.spark.TestRows;
import io.recant.spark.TestRun;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GridIT {

  /** What a cell is made from; it writes its name into a file when it runs. */
  record Spec(String name, int value, String ran) implements Serializable {}

  /** What a cell comes to. */
  record Result(String name, int square, String device) {}

  private final SparkSession spark = SparkTestSession.get();

  @TempDir private Path folder;
  private TestRun run;
  private Path ran;

  @BeforeEach
  void begin() {
    run = new TestRun(spark, folder);
    ran = folder.resolve("ran");
  }

  @Test
  void resultsComeInTheOrderOfTheCells() throws IOException {
    List<Cell<Spec>> cells = List.of(cell("b", 1, 2), cell("a", 9, 3), cell("c", 5, 4));

    assertThat(squares("squares", cells))
        .containsExactly(
            new Result("b", 4, "cpu"), new Result("a", 9, "cpu"), new Result("c", 16, "cpu"));
    assertThat(run.notes()).contains("squares: 3 of 3 cells");
  }

  /** Of two slots the first takes the longest cell; short ones are what is left at the end. */
  @Test
  void longestStartFirst() throws IOException {
    List<Cell<Spec>> cells = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      cells.add(cell("c" + i, i, i));
    }

    squares("squares", cells);

    List<String> order = ran();
    assertThat(order).hasSize(6);
    assertThat(order.subList(0, 2)).containsExactlyInAnyOrder("c5", "c4");
    assertThat(order.subList(4, 6)).containsExactlyInAnyOrder("c1", "c0");
  }

  @Test
  void aFailingCellFailsAloneAndARerunDoesOnlyWhatIsMissing() throws IOException {
    List<Cell<Spec>> cells = List.of(cell("good", 1, 2), cell("bad", 2, -1), cell("fine", 3, 3));

    assertThatThrownBy(() -> squares("squares", cells))
        .isInstanceOf(StepException.class)
        .hasMessageContainingAll("1 of 3 squares cells failed", "bad: ", "value -1 has no square");
    assertThat(ran()).containsExactlyInAnyOrder("good", "bad", "fine");
    run.notes();

    assertThatThrownBy(() -> squares("squares", cells)).isInstanceOf(StepException.class);
    assertThat(ran()).containsExactly("bad");
    assertThat(run.notes()).contains("2 of 3 squares cells were already done");
    assertThat(CellRecord.of(run.directory()))
        .extracting(CellRecord::step, CellRecord::work, CellRecord::cell, r -> r.error().orElse(""))
        .containsExactly(
            tuple(
                "step1",
                "squares",
                "bad",
                "java.lang.IllegalStateException: value -1 has no square"),
            tuple("step1", "squares", "fine", ""),
            tuple("step1", "squares", "good", ""));

    List<Cell<Spec>> repaired = List.of(cells.get(0), cell("bad", 2, 5), cells.get(2));
    assertThat(squares("squares", repaired)).extracting(Result::square).containsExactly(4, 25, 9);
    assertThat(ran()).containsExactly("bad");
    assertThat(squares("squares", repaired)).extracting(Result::square).containsExactly(4, 25, 9);
    assertThat(ran()).isEmpty();
  }

  @Test
  void anErrorOfTheJvmFailsTheCellAndNotTheExecutor() {
    List<Cell<Spec>> cells =
        List.of(
            cell("memory", 1, -2), cell("library", 2, -3), cell("stack", 3, -4), cell("ok", 4, 1));

    assertThatThrownBy(() -> squares("squares", cells))
        .isInstanceOf(StepException.class)
        .hasMessageContainingAll(
            "3 of 4", "OutOfMemoryError", "UnsatisfiedLinkError", "StackOverflowError");
    assertThat(folder.resolve("run/cells/step1/squares/ok.json")).exists();
  }

  /** A scheduler does not try again what fails at its input; of other failures it does. */
  @Test
  void whereInputIsToBlameForAllTheErrorSaysSo() {
    List<Cell<Spec>> cells = List.of(cell("a", 1, -5), cell("b", 2, -6), cell("c", 3, 1));

    assertThatThrownBy(() -> squares("squares", cells))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll("2 of 3", "a: ", "b: ", "a file has changed");
    assertThatThrownBy(() -> squares("squares", List.of(cells.get(0), cell("d", 1, -1))))
        .isInstanceOf(StepException.class)
        .hasMessageContainingAll("2 of 2", "a file has changed", "value -1 has no square");
  }

  @Test
  void aChangedSpecRunsAgain() throws IOException {
    squares("squares", List.of(cell("a", 1, 2), cell("b", 1, 3)));
    ran();

    List<Result> results = squares("squares", List.of(cell("a", 1, 2), cell("b", 1, 4)));

    assertThat(results).extracting(Result::square).containsExactly(4, 16);
    assertThat(ran()).containsExactly("b");
    // What a cell costs is no part of what it is.
    squares("squares", List.of(cell("a", 7, 2), cell("b", 8, 4)));
    assertThat(ran()).isEmpty();
  }

  @Test
  void aHalfWrittenCellRunsAgain() throws IOException {
    List<Cell<Spec>> cells = List.of(cell("a", 1, 2));
    squares("squares", cells);
    ran();
    Path saved = folder.resolve("run/cells/step1/squares/a.json");
    byte[] whole = Files.readAllBytes(saved);
    Files.write(saved, java.util.Arrays.copyOf(whole, whole.length / 2));

    assertThat(squares("squares", cells)).extracting(Result::square).containsExactly(4);
    assertThat(ran()).containsExactly("a");
  }

  /** A cell that fails may go on later from what it left; one that is done has left nothing. */
  @Test
  void whatACellLeavesForAnotherLifeIsRemovedWhenItIsDone() {
    List<Cell<Spec>> cells = List.of(cell("done", 1, 2), cell("failed", 1, -1));

    assertThatThrownBy(
            () ->
                step(
                    context ->
                        Grid.run(
                            context,
                            "squares",
                            cells,
                            Result.class,
                            (spec, c) -> {
                              c.folder().getFileSystem(c.hadoop()).mkdirs(c.folder());
                              return square(spec, c);
                            })))
        .isInstanceOf(StepException.class);
    assertThat(folder.resolve("run/cells/step1/squares/done")).doesNotExist();
    assertThat(folder.resolve("run/cells/step1/squares/failed")).isEmptyDirectory();
  }

  @Test
  void twoGridsOfAStepKeepTheirCellsApart() throws IOException {
    List<Cell<Spec>> cells = List.of(cell("a", 1, 3));
    List<Integer> negatives = new ArrayList<>();

    step(
        context -> {
          Grid.run(context, "squares", cells, Result.class, GridIT::square);
          Grid.run(context, "negatives", cells, Integer.class, (spec, c) -> -spec.value())
              .forEach(negatives::add);
        });

    assertThat(negatives).containsExactly(-3);
  }

  @Test
  void aGpuThatTheApplicationDoesNotHaveIsAnErrorBeforeAnyCellRuns() throws IOException {
    List<Cell<Spec>> cells = List.of(cell("a", 1, 2));
    assertThatThrownBy(
            () ->
                step(
                    context ->
                        Grid.run(
                            context,
                            "squares",
                            cells,
                            DeviceChoice.GPU,
                            Result.class,
                            GridIT::square)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("device: gpu")
        .hasMessageContaining("spark.executor.resource.gpu.amount");
    assertThat(ran()).isEmpty();
  }

  @Test
  void cellsOfOneNameAreRefused() {
    assertThatThrownBy(() -> squares("squares", List.of(cell("a", 1, 2), cell("a", 1, 3))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("two squares cells are named a");
  }

  private static Result square(Spec spec, CellContext context) throws Exception {
    synchronized (GridIT.class) {
      Files.writeString(
          Path.of(spec.ran()),
          spec.name() + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
    TimeUnit.MILLISECONDS.sleep(100);
    switch (spec.value()) {
      case -1 -> throw new IllegalStateException("value -1 has no square");
      case -2 -> throw new OutOfMemoryError("on purpose");
      case -3 -> throw new UnsatisfiedLinkError("on purpose");
      case -4 -> throw new StackOverflowError("on purpose");
      case -5 -> throw new InputException("a file has changed");
      case -6 -> throw new IOException("wrapped", new InputException("a file has changed"));
      default -> {
        return new Result(spec.name(), spec.value() * spec.value(), context.device());
      }
    }
  }

  private Cell<Spec> cell(String name, double cost, int value) {
    return new Cell<>(name, cost, new Spec(name, value, ran.toString()));
  }

  private List<Result> squares(String what, List<Cell<Spec>> cells) {
    List<Result> results = new ArrayList<>();
    step(context -> results.addAll(Grid.run(context, what, cells, Result.class, GridIT::square)));
    return results;
  }

  /** Runs a grid in a step that never commits, so that it can be run again. */
  private void step(Consumer<io.recant.spark.step.StepContext> body) {
    FakeStep step =
        new FakeStep(
            "step1",
            Set.of(),
            Set.of(Table.CLASSES),
            false,
            (config, context) -> {
              body.accept(context);
              context.write(Table.CLASSES, TestRows.of(spark, Table.CLASSES));
            });
    run.run(step);
    folder.resolve("run/manifests/step1.json").toFile().delete();
  }

  /** The cells that ran since the last call, in the order in which they began. */
  private List<String> ran() throws IOException {
    if (!Files.exists(ran)) {
      return List.of();
    }
    List<String> names = Files.readAllLines(ran);
    Files.delete(ran);
    return names;
  }
}
