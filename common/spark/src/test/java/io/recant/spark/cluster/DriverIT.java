package io.recant.spark.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.core.manifest.Json;
import io.recant.core.manifest.Manifest;
import io.recant.core.table.Table;
import io.recant.spark.SparkTestSession;
import io.recant.spark.TestRun;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.table.TableReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Drivers and executors in processes of their own. */
class DriverIT {

  private static final long PATIENCE = 300;

  private static final SparkSession SPARK = SparkTestSession.get();

  /** Rows and content hash of every table, from a run in this process. */
  private static Map<String, String> undisturbed;

  @TempDir private Path folder;

  @BeforeAll
  static void runUndisturbed(@TempDir Path root) {
    TestRun run = new TestRun(SPARK, root);
    run.run(ClusterProgram.step(SPARK, null, new HashMap<>()));
    undisturbed = contents(run.directory());
  }

  @Test
  void twoExecutorsShareTheWorkAndWriteTheSame() throws Exception {
    Path root = folder.resolve("cluster");
    Path report = folder.resolve("report.json");
    try (Driver driver = Driver.cluster(work("cluster-work"), root.toString(), report.toString())) {
      driver.await(PATIENCE);
    }
    ClusterProgram.Report seen = read(report);

    assertThat(seen.outcome()).isEqualTo("COMMITTED");
    assertThat(seen.taskExecutors()).containsExactlyInAnyOrder("0", "1");
    assertThat(seen.cellProcesses()).hasSize(6);
    assertThat(seen.cellProcesses().values())
        .extracting(ClusterProgram.Place::executor)
        .contains("0", "1");
    assertThat(seen.cellProcesses().values().stream().map(ClusterProgram.Place::pid).distinct())
        .hasSize(2)
        .doesNotContain(seen.driver(), ProcessHandle.current().pid());
    assertThat(contents(run(root))).isEqualTo(undisturbed);
  }

  @Test
  void aKilledDriverLeavesNothingThatCountsAndARerunGivesTheSame() throws Exception {
    Path root = folder.resolve("killed");
    Path report = folder.resolve("report.json");
    Path marker = folder.resolve("marker");
    try (Driver driver =
        Driver.local(
            work("killed-work"), root.toString(), report.toString(), "BLOCK", marker.toString())) {
      driver.awaitFile(marker, PATIENCE);
      driver.kill();
    }
    RunDirectory run = run(root);
    assertThat(report).doesNotExist();
    assertThat(run.manifests()).isEmpty();
    assertThat(run.rows(Table.CLASSES)).isZero();
    assertThat(run.uncommitted(Table.CLASSES)).as("written, not committed").isNotEmpty();
    assertThat(TestRun.locks(root.resolve("run"))).as("its owner is gone").isNotEmpty();

    try (Driver driver = Driver.local(work("rerun-work"), root.toString(), report.toString())) {
      driver.await(PATIENCE);
    }

    ClusterProgram.Report seen = read(report);
    assertThat(seen.outcome()).isEqualTo("COMMITTED");
    assertThat(seen.notes())
        .anyMatch(n -> n.matches("removed \\d+ files that an interrupted work had left.*"));
    assertThat(contents(run)).isEqualTo(undisturbed);
    assertThat(run.uncommitted(Table.CLASSES)).isEmpty();
    assertThat(run.uncommitted(Table.SAMPLES)).isEmpty();
    assertThat(TestRun.locks(root.resolve("run"))).isEmpty();
  }

  /** Files of an attempt that failed, or of an executor that died, are none of the table's. */
  @ParameterizedTest
  @ValueSource(strings = {"FAIL", "HALT"})
  void aTaskThatIsRunAgainWritesItsRowsOnce(String incident) throws Exception {
    Path root = folder.resolve("again");
    Path report = folder.resolve("report.json");
    Path marker = folder.resolve("marker");
    try (Driver driver =
        Driver.cluster(
            work("again-work"), root.toString(), report.toString(), incident, marker.toString())) {
      driver.await(PATIENCE);
    }

    assertThat(marker).as("it happened").exists();
    assertThat(read(report).outcome()).isEqualTo("COMMITTED");
    RunDirectory run = run(root);
    assertThat(contents(run)).isEqualTo(undisturbed);
    assertThat(TableReader.read(SPARK, run, Table.SAMPLES).count())
        .isEqualTo(run.rows(Table.SAMPLES));
    assertThat(run.uncommitted(Table.SAMPLES)).isEmpty();
  }

  private static Map<String, String> contents(RunDirectory run) {
    Map<String, String> contents = new HashMap<>();
    Manifest manifest = run.manifest("work").orElseThrow();
    manifest
        .tables()
        .forEach((table, entry) -> contents.put(table, entry.rows() + " " + entry.contentHash()));
    return contents;
  }

  private RunDirectory run(Path root) {
    return new TestRun(SPARK, root).directory();
  }

  private Path work(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  private static ClusterProgram.Report read(Path report) throws IOException {
    return Json.read(Files.readAllBytes(report), ClusterProgram.Report.class);
  }
}
