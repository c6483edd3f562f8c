package io.recant.spark.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.manifest.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker that says it has two GPUs, and cells that ask for one each. */
class GpuSchedulingIT {

  private static final long PATIENCE = 300;

  @TempDir private Path folder;

  @Test
  void aGpuIsOneCellsAloneAndOtherWorkWaitsForNone() throws Exception {
    Path root = folder.resolve("runs");
    Path work = Files.createDirectories(folder.resolve("work"));
    try (Driver driver =
        Driver.submit(
            work,
            GpuProgram.class,
            "local-cluster[1,4,1024]",
            Map.of(
                "spark.worker.resource.gpu.amount", "2",
                "spark.worker.resource.gpu.discoveryScript", twoGpus().toString(),
                "spark.executor.resource.gpu.amount", "2"),
            root.toString())) {
      driver.await(PATIENCE);
    }

    List<JsonNode> onGpus = cells(root, GpuProgram.ON_GPUS);
    assertThat(onGpus).hasSize(6);
    assertThat(onGpus)
        .allSatisfy(cell -> assertThat(cell.at("/place/device")).isEqualTo(cell.path("result")))
        .extracting(GpuSchedulingIT::device)
        .contains("gpu:0", "gpu:1")
        .containsOnly("gpu:0", "gpu:1");
    for (String device : List.of("gpu:0", "gpu:1")) {
      assertOneAfterTheOther(onGpus.stream().filter(cell -> device(cell).equals(device)).toList());
    }
    assertThat(cells(root, GpuProgram.ON_CPUS))
        .hasSize(6)
        .allSatisfy(
            cell -> {
              assertThat(device(cell)).isEqualTo("cpu");
              assertThat(cell.path("result").asBoolean()).as("three at a time").isTrue();
            });
  }

  private static void assertOneAfterTheOther(List<JsonNode> cells) {
    List<JsonNode> inOrder = new ArrayList<>(cells);
    inOrder.sort(Comparator.comparing(cell -> at(cell, "began")));
    for (int i = 1; i < inOrder.size(); i++) {
      assertThat(at(inOrder.get(i), "began")).isAfterOrEqualTo(at(inOrder.get(i - 1), "ended"));
    }
  }

  private static Instant at(JsonNode cell, String when) {
    return Instant.parse(cell.path("place").path(when).asText());
  }

  private static String device(JsonNode cell) {
    return cell.at("/place/device").asText();
  }

  private static List<JsonNode> cells(Path root, String work) throws IOException {
    try (Stream<Path> files = Files.list(root.resolve("run/cells/work").resolve(work))) {
      List<JsonNode> cells = new ArrayList<>();
      for (Path file : files.filter(path -> path.toString().endsWith(".json")).toList()) {
        cells.add(Json.read(Files.readAllBytes(file), JsonNode.class));
      }
      return cells;
    }
  }

  private Path twoGpus() throws IOException {
    Path script = folder.resolve("two-gpus");
    Files.writeString(
        script, "#!/usr/bin/env bash\necho '{\"name\": \"gpu\", \"addresses\": [\"0\", \"1\"]}'\n");
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
