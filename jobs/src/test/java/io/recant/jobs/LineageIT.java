package io.recant.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.manifest.Json;
import io.recant.jobs.StepFixture.Result;
import io.recant.jobs.decide.DecideStep;
import io.recant.jobs.ingest.IngestStep;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What OpenLineage's listener writes of a run to a file, and what of it is ours. */
class LineageIT {

  @TempDir static Path folder;
  private static final List<JsonNode> EVENTS = new ArrayList<>();
  private static Path corpus;
  private static Result run;

  @BeforeAll
  static void runWithTheListener() throws IOException {
    Path file = folder.resolve("events.jsonl");
    corpus = Files.writeString(folder.resolve("corpus.jsonl"), rows());
    Map<String, String> listener =
        Map.of(
            "spark.extraListeners", "io.openlineage.spark.agent.OpenLineageSparkListener",
            "spark.openlineage.transport.type", "file",
            "spark.openlineage.transport.location", file.toString(),
            "spark.openlineage.namespace", "recant-test");
    listener.forEach(System::setProperty);
    try (StepFixture fixture = new StepFixture(folder.resolve("runs"))) {
      run =
          fixture.run(
              "seen",
              "ingest: {corpora: [{name: facts, task: generation, source: {name: jsonl, path: '"
                  + corpus
                  + "'}}]}\ndecide: {given: meta.set}",
              new IngestStep(),
              new DecideStep());
    } finally {
      listener.keySet().forEach(System::clearProperty);
    }
    for (String line : Files.readAllLines(file)) {
      EVENTS.add(Json.read(line.getBytes(StandardCharsets.UTF_8), JsonNode.class));
    }
  }

  @AfterAll
  static void forget() {
    EVENTS.clear();
  }

  @Test
  void everyStepHasItsFacet() {
    for (String step : List.of("ingest", "decide")) {
      assertThat(facets())
          .as(step)
          .anySatisfy(
              facet -> {
                assertThat(facet.path("run").asText()).isEqualTo("seen");
                assertThat(facet.path("step").asText()).isEqualTo(step);
                assertThat(facet.path("config_hash").asText())
                    .isEqualTo(run.manifest(step).configHash());
              });
    }
    assertThat(facets())
        .extracting(facet -> facet.path("step").asText())
        .containsOnly("ingest", "decide");
  }

  @Test
  void whatIsReadAndWrittenIsThere() {
    String runs = folder.resolve("runs/seen").toString();

    assertThat(names("outputs"))
        .contains(runs + "/samples", runs + "/decisions", runs + "/forget", runs + "/retain");
    assertThat(names("inputs")).anyMatch(name -> name.startsWith(runs + "/samples"));
    assertThat(names("inputs")).contains(corpus.toString());
  }

  /** The runs that write a table are those with our facet. */
  @Test
  void theFacetBelongsToTheRunThatWritesTheTable() {
    Set<String> ours = new TreeSet<>();
    Set<String> writers = new TreeSet<>();
    for (JsonNode event : EVENTS) {
      String id = event.at("/run/runId").asText();
      if (event.at("/run/facets/recant").isObject()) {
        ours.add(id);
      }
      event
          .path("outputs")
          .forEach(
              output -> {
                if (output.path("name").asText().endsWith("/samples")) {
                  writers.add(id);
                }
              });
    }
    assertThat(writers).isNotEmpty();
    assertThat(ours).containsAll(writers);
  }

  private static List<JsonNode> facets() {
    return EVENTS.stream()
        .map(event -> event.at("/run/facets/recant"))
        .filter(JsonNode::isObject)
        .toList();
  }

  private static Set<String> names(String side) {
    Set<String> names = new TreeSet<>();
    EVENTS.forEach(
        event -> event.path(side).forEach(dataset -> names.add(dataset.path("name").asText())));
    return names;
  }

  private static String rows() {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      rows.append(
          "{\"input\": \"q%d\", \"target\": \"a%d\", \"set\": \"%s\"}%n"
              .formatted(i, i, i < 3 ? "forget" : "retain"));
    }
    return rows.toString();
  }
}
