package io.recant.spark.cluster;

import io.recant.core.table.Table;
import io.recant.spark.FakeStep;
import io.recant.spark.SparkTestSession;
import io.recant.spark.TestRows;
import io.recant.spark.TestRun;
import io.recant.spark.grid.Cell;
import io.recant.spark.grid.DeviceChoice;
import io.recant.spark.grid.Grid;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;

/** A driver of its own: a step with a grid that wants GPUs, and one that wants none. */
public final class GpuProgram {

  static final String ON_GPUS = "on-gpus";
  static final String ON_CPUS = "on-cpus";

  /** More than there are GPUs: those who meet here hold no GPU. */
  private static final CountDownLatch THREE = new CountDownLatch(3);

  private GpuProgram() {}

  /**
   * Runs the step.
   *
   * @param args the root of the run
   */
  public static void main(String[] args) {
    SparkSession spark = SparkTestSession.builder().getOrCreate();
    try {
      List<Cell<Integer>> cells =
          IntStream.range(0, 6).mapToObj(i -> new Cell<>("cell" + i, i, i)).toList();
      new TestRun(spark, Path.of(args[0]))
          .run(
              new FakeStep(
                  "work",
                  Set.of(),
                  Set.of(Table.CLASSES),
                  false,
                  (config, context) -> {
                    Grid.run(context, ON_CPUS, cells, Boolean.class, (spec, c) -> meet());
                    Grid.run(
                        context,
                        ON_GPUS,
                        cells,
                        DeviceChoice.GPU,
                        String.class,
                        (spec, c) -> {
                          TimeUnit.MILLISECONDS.sleep(200);
                          return c.device();
                        });
                    context.write(
                        Table.CLASSES, TestRows.of(spark, Table.CLASSES, Map.of("corpus", "c")));
                  }));
    } finally {
      spark.stop();
    }
  }

  private static boolean meet() throws InterruptedException {
    THREE.countDown();
    return THREE.await(1, TimeUnit.MINUTES);
  }
}
