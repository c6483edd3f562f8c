package io.recant.jobs.ingest;

import io.recant.core.table.Table;
import io.recant.jobs.StepFixture;
import io.recant.jobs.StepFixture.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes files and ingests them. */
final class IngestFixture implements AutoCloseable {

  private final StepFixture steps;
  private final Path files;

  IngestFixture(Path root) throws IOException {
    steps = new StepFixture(root.resolve("runs"));
    files = Files.createDirectories(root.resolve("files"));
  }

  StepFixture steps() {
    return steps;
  }

  Path files() {
    return files;
  }

  @Override
  public void close() {
    steps.close();
  }

  Result run(String id, String settings, String corpora) {
    String section = "ingest: {corpora: [" + corpora + "]";
    return steps.run(
        id, section + (settings.isEmpty() ? "" : ", " + settings) + "}", new IngestStep());
  }

  static String corpus(String source, Path path, String more) {
    return "{name: c, task: generation, source: {name: "
        + source
        + ", path: '"
        + path
        + "'}"
        + more
        + "}";
  }

  Path write(String name, String text) throws IOException {
    Path file = files.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  static String answer(int id, String input, String who, String target) {
    return "{\"id\": %d, \"input\": \"%s\", \"who\": \"%s\", \"target\": \"%s\"}\n"
        .formatted(id, input, who, target);
  }

  static List<String> inputs(Result run) {
    return run
        .table(Table.SAMPLES)
        .orderBy("source_uri", "source_row")
        .select("input")
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  static Map<Long, String> quarantine(Result run) {
    Map<Long, String> codes = new TreeMap<>();
    run.table(Table.QUARANTINE)
        .select("source_row", "code")
        .collectAsList()
        .forEach(row -> codes.put(row.getLong(0), row.getString(1)));
    return codes;
  }
}
