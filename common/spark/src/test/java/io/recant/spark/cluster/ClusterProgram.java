package io.recant.spark.cluster;

import io.recant.core.manifest.Json;
import io.recant.core.table.Table;
import io.recant.spark.FakeStep;
import io.recant.spark.SparkTestSession;
import io.recant.spark.TestRows;
import io.recant.spark.TestRun;
import io.recant.spark.grid.Cell;
import io.recant.spark.grid.Grid;
import io.recant.spark.table.Schemas;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A driver of its own: one step that writes two tables and runs a grid. */
public final class ClusterProgram {

  private static final int ROWS = 200;

  private ClusterProgram() {}

  /**
   * What the program saw.
   *
   * @param outcome how the step ended
   * @param notes what it said
   * @param taskExecutors the executors that ended tasks of any kind
   * @param cellProcesses executor and process of every cell
   * @param driver the driver's process
   */
  record Report(
      String outcome,
      List<String> notes,
      Set<String> taskExecutors,
      Map<String, Place> cellProcesses,
      long driver) {}

  /** Where a cell ran. */
  record Place(String executor, long pid) {}

  /** What happens once, in the middle of a task that writes the second table. */
  enum Incident {
    /** It stands still. */
    BLOCK,
    /** It fails. */
    FAIL,
    /** Its executor dies. */
    HALT
  }

  /**
   * An incident and the file that is created when it happens.
   *
   * @param marker does not exist yet
   */
  record Planned(Incident incident, String marker) implements Serializable {}

  /**
   * Runs the step.
   *
   * @param args the root of the run, the file to report into, and, for an {@link Incident}, its
   *     name and its marker
   */
  public static void main(String[] args) throws IOException {
    SparkSession spark = SparkTestSession.builder().getOrCreate();
    try {
      Set<String> executors = new ConcurrentSkipListSet<>();
      spark
          .sparkContext()
          .addSparkListener(
              new SparkListener() {
                @Override
                public void onTaskEnd(SparkListenerTaskEnd task) {
                  executors.add(task.taskInfo().executorId());
                }
              });
      Map<String, Place> cells = new TreeMap<>();
      TestRun run = new TestRun(spark, Path.of(args[0]));
      Planned planned = args.length > 2 ? new Planned(Incident.valueOf(args[2]), args[3]) : null;
      String outcome = run.run(step(spark, planned, cells)).name();
      Report report =
          new Report(
              outcome, run.notes(), new TreeSet<>(executors), cells, ProcessHandle.current().pid());
      Files.write(Path.of(args[1]), Json.bytes(report));
    } finally {
      spark.stop();
    }
  }

  /** The step; {@code cells} takes where they ran. */
  static FakeStep step(SparkSession spark, Planned planned, Map<String, Place> cells) {
    return new FakeStep(
        "work",
        Set.of(),
        Set.of(Table.CLASSES, Table.SAMPLES),
        false,
        (config, context) -> {
          context.write(Table.CLASSES, TestRows.of(spark, Table.CLASSES, Map.of("corpus", "c")));
          context.write(Table.SAMPLES, samples(spark, planned));
          List<Cell<Integer>> all =
              IntStream.range(0, 6).mapToObj(i -> new Cell<>("cell" + i, i, i)).toList();
          List<Place> places =
              Grid.run(context, "places", all, Place.class, (spec, c) -> whereAmI());
          for (int i = 0; i < places.size(); i++) {
            cells.put("cell" + i, places.get(i));
          }
        });
  }

  private static Dataset<Row> samples(SparkSession spark, Planned planned) {
    List<Map<String, Object>> rows =
        IntStream.range(0, ROWS)
            .mapToObj(i -> Map.<String, Object>of("sample_id", "s" + i, "shard", i % 4))
            .toList();
    Dataset<Row> samples = TestRows.of(spark, Table.SAMPLES, rows).repartition(8);
    return samples.map(
        (MapFunction<Row, Row>) row -> meet(row, planned), Encoders.row(Schemas.of(Table.SAMPLES)));
  }

  private static Row meet(Row row, Planned planned) throws Exception {
    if (planned == null || !row.getString(0).equals("s77")) {
      return row;
    }
    Path marker = Path.of(planned.marker());
    if (Files.exists(marker)) {
      return row;
    }
    Files.writeString(marker, "in the middle of a task");
    switch (planned.incident()) {
      case BLOCK -> TimeUnit.MINUTES.sleep(10);
      case FAIL -> throw new IOException("on purpose");
      case HALT -> Runtime.getRuntime().halt(1);
      default -> throw new AssertionError(planned);
    }
    return row;
  }

  private static Place whereAmI() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(300);
    return new Place(SparkEnv.get().executorId(), ProcessHandle.current().pid());
  }
}
