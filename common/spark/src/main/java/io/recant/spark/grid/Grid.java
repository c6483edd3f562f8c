package io.recant.spark.grid;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
import io.recant.core.manifest.Json;
import io.recant.core.redact.Redaction;
import io.recant.spark.observe.LogFields;
import io.recant.spark.observe.RecantMetrics;
import io.recant.spark.progress.Progress;
import io.recant.spark.run.SmallFiles;
import io.recant.spark.step.StepContext;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.resource.ResourceInformation;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs independent cells, one Spark task each, longest first. A cell's result is saved the moment
 * it is done, so a step that is run again does only what is missing; a cell that fails fails alone,
 * and the step then says which did.
 */
public final class Grid {

  private static final Logger LOG = LoggerFactory.getLogger(Grid.class);

  /** The field of a saved cell that tells what it was made from. */
  static final String SPEC_HASH = "specHash";

  private Grid() {}

  /**
   * A saved cell.
   *
   * @param specHash hash of what it was made from
   * @param place where and when it ran
   * @param result its result, or null
   * @param error what went wrong, or null
   */
  record Saved(String specHash, Place place, JsonNode result, String error) {}

  /**
   * Where and when a cell ran.
   *
   * @param device what Spark assigned
   */
  record Place(String executor, String host, String device, Instant began, Instant ended) {}

  /**
   * A cell that failed.
   *
   * @param badInput whether what it read is to blame, so that trying again changes nothing
   */
  private record Failure(String cell, String message, boolean badInput) implements Serializable {}

  /** Runs cells that need nothing but a CPU. */
  public static <T extends Serializable, R> List<R> run(
      StepContext context,
      String what,
      List<Cell<T>> cells,
      Class<R> resultType,
      CellTask<T, R> task) {
    return run(context, what, cells, DeviceChoice.CPU, resultType, task);
  }

  /**
   * Runs the cells.
   *
   * @param what the work, as in "training"; names this grid among those of the step
   * @param cells what to do
   * @param device what each of them runs on; a GPU is one cell's alone
   * @param resultType the class of a result
   * @param task what to do with a cell; must hold nothing but serialisable values
   * @return the results in the order of the cells
   * @throws ConfigException when GPUs are wanted and the application has none
   * @throws StepException when cells failed; the others are saved and are not done again
   * @throws InputException when what the failed cells read is to blame for each of them
   */
  public static <T extends Serializable, R> List<R> run(
      StepContext context,
      String what,
      List<Cell<T>> cells,
      DeviceChoice device,
      Class<R> resultType,
      CellTask<T, R> task) {
    checkIds(what, cells);
    Path folder =
        new Path(
            context.runDirectory().path(),
            "cells/" + context.stepName() + "/" + what.replaceAll("[^A-Za-z0-9]+", "-"));
    FileSystem fs = context.runDirectory().fileSystem();
    List<Cell<T>> missing = new ArrayList<>();
    for (Cell<T> cell : cells) {
      if (saved(fs, folder, cell, resultType).isEmpty()) {
        missing.add(cell);
      }
    }
    if (missing.size() < cells.size()) {
      context
          .progress()
          .note(
              (cells.size() - missing.size())
                  + " of "
                  + cells.size()
                  + " "
                  + what
                  + " cells were already done");
    }
    missing.sort(Comparator.comparingDouble((Cell<T> c) -> -c.cost()).thenComparing(Cell::id));
    List<Failure> failures =
        missing.isEmpty() ? List.of() : execute(context, what, folder, missing, device, task);
    if (!failures.isEmpty()) {
      String message =
          failures.size()
              + " of "
              + cells.size()
              + " "
              + what
              + " cells failed, the others are saved and will not be"
              + " done again ('recant show cells' lists all):\n  "
              + failures.stream()
                  .map(failure -> failure.cell() + ": " + failure.message())
                  .collect(Collectors.joining("\n  "));
      throw failures.stream().allMatch(Failure::badInput)
          ? new InputException(message)
          : new StepException(message);
    }
    return cells.stream().map(cell -> saved(fs, folder, cell, resultType).orElseThrow()).toList();
  }

  private static void checkIds(String what, List<? extends Cell<?>> cells) {
    Set<String> ids = new HashSet<>();
    for (Cell<?> cell : cells) {
      if (!ids.add(cell.id())) {
        throw new IllegalArgumentException("two " + what + " cells are named " + cell.id());
      }
    }
  }

  private static <T extends Serializable, R> List<Failure> execute(
      StepContext context,
      String what,
      Path folder,
      List<Cell<T>> cells,
      DeviceChoice device,
      CellTask<T, R> task) {
    JavaSparkContext spark = new JavaSparkContext(context.spark().sparkContext());
    Broadcast<SerializableConfiguration> hadoop =
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    String target = folder.toString();
    Clock clock = context.clock();
    RecantMetrics metrics = RecantMetrics.of(context.spark().sparkContext());
    LongAccumulator succeeded = metrics.cellsDone();
    LongAccumulator failed = metrics.cellsFailed();
    try (Progress.Task progress = context.progress().begin(what, cells.size(), "cells")) {
      LongAccumulator done = progress.counter();
      JavaRDD<Failure> failures =
          spark
              .parallelize(cells, cells.size())
              .flatMap(
                  cell -> {
                    try (LogFields fields = LogFields.ofCell(cell.id(), cell.spec())) {
                      Optional<Failure> failure =
                          runOne(cell, task, new Path(target), hadoop.value().value(), clock);
                      done.add(1);
                      (failure.isEmpty() ? succeeded : failed).add(1);
                      return failure.stream().iterator();
                    }
                  });
      return GpuRequest.on(failures, device).collect();
    } finally {
      hadoop.destroy();
    }
  }

  private static <T extends Serializable, R> Optional<Failure> runOne(
      Cell<T> cell, CellTask<T, R> task, Path folder, Configuration hadoop, Clock clock)
      throws IOException {
    FileSystem fs = folder.getFileSystem(hadoop);
    Path beside = new Path(folder, cell.id());
    Instant began = clock.instant();
    try {
      R result =
          task.run(cell.spec(), new CellContext(device(), hadoop, slots(), hash(cell), beside));
      Place place = here(began, clock);
      save(fs, file(folder, cell), new Saved(hash(cell), place, Json.tree(result), null));
      fs.delete(beside, true);
      return Optional.empty();
    } catch (Exception | LinkageError | VirtualMachineError | AssertionError e) {
      // Spark ends the whole executor on such errors, and with it every other cell there.
      LOG.error("cell {} failed: {}", cell.id(), Redaction.trace(e));
      String message = Redaction.text(e.toString());
      save(fs, file(folder, cell), new Saved(hash(cell), here(began, clock), null, message));
      return Optional.of(new Failure(cell.id(), message, isBadInput(e)));
    }
  }

  private static boolean isBadInput(Throwable failure) {
    return failure != null && (failure instanceof InputException || isBadInput(failure.getCause()));
  }

  private static Place here(Instant began, Clock clock) {
    SparkEnv spark = SparkEnv.get();
    return new Place(
        spark.executorId(),
        spark.blockManager().blockManagerId().host(),
        device(),
        began,
        clock.instant());
  }

  private static String device() {
    ResourceInformation gpu = TaskContext.get().resourcesJMap().get(GpuRequest.GPU);
    return gpu == null || gpu.addresses().length == 0 ? "cpu" : "gpu:" + gpu.addresses()[0];
  }

  /** As many as the executor has cores for, and where Spark was not told, as the machine has. */
  private static int slots() {
    SparkConf conf = SparkEnv.get().conf();
    int cores = conf.getInt("spark.executor.cores", Runtime.getRuntime().availableProcessors());
    return Math.max(1, cores / conf.getInt("spark.task.cpus", 1));
  }

  private static <T extends Serializable, R> Optional<R> saved(
      FileSystem fs, Path folder, Cell<T> cell, Class<R> resultType) {
    Optional<JsonNode> saved =
        SmallFiles.readJson(fs, file(folder, cell))
            .filter(tree -> tree.path(SPEC_HASH).asText().equals(hash(cell)))
            .map(tree -> tree.path("result"))
            .filter(result -> !result.isNull() && !result.isMissingNode());
    try {
      return saved.isEmpty() ? Optional.empty() : Optional.of(Json.value(saved.get(), resultType));
    } catch (IOException e) {
      LOG.warn("{} holds no {}; the cell runs again", file(folder, cell), resultType, e);
      return Optional.empty();
    }
  }

  private static void save(FileSystem fs, Path file, Saved saved) throws IOException {
    try (OutputStream out = fs.create(file, true)) {
      out.write(Json.bytes(saved));
    }
  }

  private static Path file(Path folder, Cell<?> cell) {
    return new Path(folder, cell.id() + ".json");
  }

  private static String hash(Cell<?> cell) {
    return Json.hash(Redaction.tree(Json.tree(cell.spec())));
  }
}
