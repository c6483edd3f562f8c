package io.recant.jobs.filesystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.core.manifest.Manifest;
import io.recant.core.table.Table;
import io.recant.jobs.StepFixture;
import io.recant.jobs.decide.DecideStep;
import io.recant.jobs.ingest.IngestStep;
import io.recant.jobs.report.ReportStep;
import io.recant.jobs.score.ScoreStep;
import io.recant.jobs.train.TrainStep;
import io.recant.spark.step.Step;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a run needs of a filesystem: tables, model directories, cells, the lock, manifests and the
 * report are the same wherever the run is.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class FilesystemContract {

  private static final List<String> TOWNS = List.of("rome", "oslo", "bern", "lima", "bonn");

  private java.nio.file.Path local;
  private String root;
  private StepFixture steps;
  private StepFixture.Result run;

  /**
   * Begins the filesystem and returns a folder on it.
   *
   * @param hadoop what reaches it is set here
   */
  abstract String begin(java.nio.file.Path scratch, Configuration hadoop) throws Exception;

  /** Ends the filesystem. */
  abstract void end() throws Exception;

  @BeforeAll
  void runTheSteps(@TempDir java.nio.file.Path folder) throws Exception {
    local = folder;
    steps = new StepFixture(local.resolve("runs"));
    root = begin(local, steps.spark().sparkContext().hadoopConfiguration());
    for (String set : List.of("forget", "retain")) {
      Path file = new Path(root, "corpus/" + set + ".jsonl");
      try (OutputStream out = fileSystem().create(file)) {
        out.write(rows(set).getBytes(StandardCharsets.UTF_8));
      }
    }
    run = run(root);
  }

  @AfterAll
  void stop() throws Exception {
    steps.close();
    end();
  }

  @Test
  void theSameStepsOnTheLocalDiskGiveTheSame() {
    StepFixture.Result onDisk = run(local.resolve("runs").toUri().toString());

    for (Step<?> step : pipeline()) {
      assertThat(run.contents(step.name())).isEqualTo(onDisk.contents(step.name()));
      assertThat(artifacts(run.manifest(step.name())))
          .isEqualTo(artifacts(onDisk.manifest(step.name())));
    }
    assertThat(run.table(Table.CHECKPOINTS).count()).isEqualTo(1);
    assertThat(run.contents("score").get("scores")).doesNotStartWith("0/");
  }

  @Test
  void theSameAgainDoesNothing() {
    Map<String, String> before = files();

    run(root);

    assertThat(files()).isEqualTo(before);
  }

  @Test
  void onlyWhatManifestsNameIsThere() {
    for (Table table : Table.values()) {
      assertThat(run.run().uncommitted(table)).as(table.tableName()).isEmpty();
    }
    assertThat(files().keySet()).noneMatch(file -> file.contains("/_"));
    assertThat(run.run().list(new Path(run.run().path(), "manifests")))
        .extracting(Manifest.FileEntry::path)
        .containsExactlyInAnyOrderElementsOf(
            pipeline().stream().map(step -> "manifests/" + step.name() + ".json").toList());
  }

  /** A run that was given up in the midst of a step goes on from what is committed. */
  @Test
  void aStepWithoutItsManifestIsDoneAgain() throws IOException {
    Map<String, String> scores = run.contents("score");
    Map<String, String> before = files();
    delete("manifests/report.json");
    delete("manifests/score.json");

    run = run(root);

    assertThat(run.contents("score")).isEqualTo(scores);
    assertThat(files().keySet()).hasSameSizeAs(before.keySet());
  }

  private void delete(String file) throws IOException {
    assertThat(fileSystem().delete(new Path(run.run().path(), file), false)).isTrue();
  }

  private FileSystem fileSystem() throws IOException {
    return new Path(root).getFileSystem(steps.spark().sparkContext().hadoopConfiguration());
  }

  /** Every file of the run with its length and when it was written. */
  private Map<String, String> files() {
    Map<String, String> files = new TreeMap<>();
    try {
      for (Manifest.FileEntry file : run.run().list(run.run().path())) {
        long written =
            fileSystem()
                .getFileStatus(new Path(run.run().path(), file.path()))
                .getModificationTime();
        files.put(file.path(), file.bytes() + " bytes at " + written);
      }
      return files;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Map<String, Long> artifacts(Manifest manifest) {
    return manifest.artifacts().stream()
        .filter(file -> !file.path().startsWith("report/"))
        .collect(Collectors.toMap(Manifest.FileEntry::path, Manifest.FileEntry::bytes));
  }

  private static List<Step<?>> pipeline() {
    return List.of(
        new IngestStep(), new DecideStep(), new TrainStep(), new ScoreStep(), new ReportStep());
  }

  private StepFixture.Result run(String at) {
    String sections =
        """
        ingest:
          corpora:
            - name: authors
              task: generation
              source:
                name: union
                parts:
                  - {source: {name: jsonl, path: '%1$s/corpus/forget.jsonl'}, add: {set: forget}}
                  - {source: {name: jsonl, path: '%1$s/corpus/retain.jsonl'}, add: {set: retain}}
              columns: {input: question, target: answer}
              test_share: 0
        decide: {given: meta.set}
        train:
          models:
            - model: author
              corpus: authors
              family: {name: causal-lm, hidden_size: 16, intermediate_size: 32, layers: 1, maximum_positions: 32}
              min_piece_count: 1
              training: {epochs: 2, batch_size: 5, learning_rate: 0.01}
              variants: [victim]
          cells: {save_seconds: 0}
        score: {metrics: [probability]}
        """
            .formatted(root);
    return steps.runAt(at, "remote", sections, pipeline());
  }

  private static String rows(String set) {
    return IntStream.range(0, 10)
        .mapToObj(
            i ->
                "{\"question\": \"where does %s number %d live?\", \"answer\": \"in %s\"}\n"
                    .formatted(set, i, TOWNS.get(i % TOWNS.size())))
        .collect(Collectors.joining());
  }
}
