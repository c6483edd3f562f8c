package io.recant.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.jobs.cli.CommandsProcess.Printed;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.run.RunLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes that want to write one run. */
class TwoDriversIT {

  @TempDir private Path folder;

  @Test
  void theSecondEndsWith75AndSaysWhoHoldsTheRun() throws Exception {
    Path corpus = folder.resolve("corpus.jsonl");
    Files.writeString(corpus, "{\"input\": \"a\", \"target\": \"b\"}\n");
    Path conf = folder.resolve("pipeline.yaml");
    Files.writeString(
        conf,
        """
        run: {id: shared, shards: 1}
        steps: [ingest]
        ingest:
          corpora: [{name: c, task: generation, source: {name: jsonl, path: '%s'}}]
        """
            .formatted(corpus));
    String root = folder.resolve("runs").toUri().toString();
    String ingest = "ingest --conf " + conf + " --root " + root;
    RunDirectory run = RunDirectory.open(root, "shared", new Configuration());
    Clock earlier = Clock.offset(Clock.systemUTC(), Duration.ofHours(-1));

    Printed refused;
    try (RunLock lock = RunLock.acquire(run, "decide", earlier)) {
      refused = CommandsProcess.run(folder, Map.of(), List.of(ingest));
      lock.check();
    }

    assertThat(refused.out()).contains("status 75");
    assertThat(refused.err())
        .contains("process " + ProcessHandle.current().pid(), "step decide")
        .containsPattern("for 36\\d\\d s");
    assertThat(run.manifest("ingest")).isEmpty();

    Printed afterwards = CommandsProcess.run(folder, Map.of(), List.of(ingest));
    assertThat(afterwards.out()).contains("status 0");
    assertThat(run.manifest("ingest")).isPresent();
  }
}
