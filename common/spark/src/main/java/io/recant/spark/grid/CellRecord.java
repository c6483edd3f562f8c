package io.recant.spark.grid;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.error.InputException;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.run.SmallFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * What is saved of one cell, whether or not its step was ever committed: where a cell failed, this
 * says why.
 *
 * @param step the step
 * @param work the grid of that step
 * @param cell the cell's id
 * @param device what Spark assigned to it
 * @param seconds how long it took, where the result says so
 * @param stopped why it ended, where the result says so
 * @param notes what else the result says of how it went
 * @param error what went wrong; empty for a cell that is done
 */
public record CellRecord(
    String step,
    String work,
    String cell,
    Optional<String> device,
    Optional<Double> seconds,
    Optional<String> stopped,
    List<String> notes,
    Optional<String> error) {

  /**
   * The cells of a run, by step, work and id.
   *
   * @throws InputException when the filesystem refuses
   */
  public static List<CellRecord> of(RunDirectory run) {
    List<CellRecord> records = new ArrayList<>();
    try {
      FileStatus[] files = run.fileSystem().globStatus(new Path(run.path(), "cells/*/*/*.json"));
      for (FileStatus file : files == null ? new FileStatus[0] : files) {
        SmallFiles.readJson(run.fileSystem(), file.getPath())
            .filter(saved -> saved.has(Grid.SPEC_HASH))
            .ifPresent(saved -> records.add(of(file.getPath(), saved)));
      }
    } catch (IOException e) {
      throw new InputException("cannot list the cells of " + run.path(), e);
    }
    return records;
  }

  private static CellRecord of(Path file, JsonNode saved) {
    JsonNode result = saved.path("result");
    JsonNode seconds = result.path("seconds");
    List<String> notes = new ArrayList<>();
    result.path("notes").forEach(note -> notes.add(note.asText()));
    return new CellRecord(
        file.getParent().getParent().getName(),
        file.getParent().getName(),
        file.getName().replaceAll("\\.json$", ""),
        Optional.ofNullable(saved.path("place").path("device").textValue()),
        seconds.isNumber() ? Optional.of(seconds.asDouble()) : Optional.empty(),
        Optional.ofNullable(result.path("stopped").textValue()),
        notes,
        Optional.ofNullable(saved.path("error").textValue()));
  }
}
