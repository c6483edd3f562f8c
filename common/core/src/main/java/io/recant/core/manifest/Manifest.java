package io.recant.core.manifest;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The proof that a step is done, and from what: written last, never overwritten. Its own hash is
 * what later steps name as their input. Fields that a later version added are passed over.
 *
 * @param format version of this layout; a reader refuses a newer one
 * @param step the step's name
 * @param runId the run
 * @param inputs SHA-256 of the manifest of every step this one read a table of
 * @param config the resolved configuration of the step, defaults filled in
 * @param configHash SHA-256 of the configuration and the seed
 * @param seed the run's seed
 * @param tables what was written, by table name
 * @param artifacts other files of the step (model directories, the report)
 * @param measures what the step found out about itself, by name
 * @param provenance what ran, where
 * @param started when the step began
 * @param finished when it was committed
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Manifest(
    int format,
    String step,
    String runId,
    Map<String, String> inputs,
    JsonNode config,
    String configHash,
    long seed,
    Map<String, TableEntry> tables,
    List<FileEntry> artifacts,
    Map<String, Double> measures,
    Provenance provenance,
    Instant started,
    Instant finished) {

  /** The layout this code writes. */
  public static final int FORMAT = 1;

  /** A manifest has all of these; JSON of anything else is none. */
  public Manifest {
    Objects.requireNonNull(step, "step");
    Objects.requireNonNull(runId, "runId");
    Objects.requireNonNull(inputs, "inputs");
    Objects.requireNonNull(config, "config");
    Objects.requireNonNull(configHash, "configHash");
    Objects.requireNonNull(tables, "tables");
    Objects.requireNonNull(artifacts, "artifacts");
    Objects.requireNonNull(measures, "measures");
    Objects.requireNonNull(provenance, "provenance");
    Objects.requireNonNull(started, "started");
    Objects.requireNonNull(finished, "finished");
  }

  /**
   * What a step wrote into one table.
   *
   * @param rows how many rows
   * @param contentHash a hash of the rows that depends neither on their order nor on files;
   *     volatile columns left out
   * @param files the files, relative to the run directory
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record TableEntry(long rows, String contentHash, List<FileEntry> files) {}

  /** A file, relative to the run directory, and its length. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record FileEntry(String path, long bytes) implements Serializable {}
}
