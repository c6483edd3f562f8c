package io.recant.jobs.cells;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings whose process is killed, several times, end as those that nobody disturbed. */
class KilledTrainingIT {

  private static final int KILLS = 3;

  @TempDir Path folder;

  @Test
  void killedTrainingsEndAsUndisturbedOnesBitForBit() throws Exception {
    Path whole = folder.resolve("whole");
    Path killed = folder.resolve("killed");
    assertThat(live(whole, Integer.MAX_VALUE)).noneMatch(line -> line.startsWith("went on"));

    List<String> said = new ArrayList<>();
    Random random = new Random();
    for (int kill = 0; kill < KILLS; kill++) {
      said.addAll(live(killed, 1 + random.nextInt(100)));
    }
    said.addAll(live(killed, Integer.MAX_VALUE));

    assertThat(said).anyMatch(line -> line.startsWith("went on after step"));
    assertThat(said).noneMatch(line -> line.contains("began anew"));
    List<Path> results = results(whole);
    assertThat(results).hasSize(7 * 2);
    for (Path file : results) {
      assertThat(killed.resolve(whole.relativize(file))).hasSameBinaryContentAs(file);
    }
  }

  /** Lets the process live for so many steps, counting those it is told of; what it said. */
  private static List<String> live(Path work, int steps) throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Dai.djl.pytorch.num_threads=1",
                "-Dai.djl.pytorch.num_interop_threads=1",
                TrainingProcess.class.getName(),
                work.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      int seen = 0;
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.add(line);
        seen += line.equals("step") ? 1 : 0;
        if (seen == steps) {
          // Unlike the process itself its handle leaves open what was said up to then.
          process.toHandle().destroyForcibly();
        }
      }
    } finally {
      process.destroyForcibly();
    }
    // It may end in the moment between its last step and the kill.
    assertThat(process.waitFor())
        .as(String.join("\n", lines))
        .isIn(steps == Integer.MAX_VALUE ? List.of(0) : List.of(0, 137));
    return lines;
  }

  private static List<Path> results(Path work) throws IOException {
    try (Stream<Path> files = Files.walk(work)) {
      return files
          .filter(
              file ->
                  file.getFileName().toString().equals("done.txt")
                      || file.getFileName().toString().equals("model.safetensors"))
          .toList();
    }
  }
}
