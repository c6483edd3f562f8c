package io.recant.jobs.score;

import io.recant.core.error.InputException;
import io.recant.core.manifest.Json;
import io.recant.ml.metric.ScoredRow;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** What was read off one model, as a file of the run: compressed JSON, a row a line. */
final class ScoredRows {

  private ScoredRows() {}

  /**
   * Writes the rows, in place of what an interrupted cell has left there.
   *
   * @return a hash of what is in the file
   */
  static String write(List<ScoredRow> rows, Path file, Configuration hadoop) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (ScoredRow row : rows) {
      lines.append(Json.tree(row)).append('\n');
    }
    FileSystem fs = file.getFileSystem(hadoop);
    try (OutputStream out = new GZIPOutputStream(fs.create(file, true))) {
      out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
    }
    return Json.sha256(lines.toString());
  }

  static List<ScoredRow> read(Path file, Configuration hadoop) throws IOException {
    List<ScoredRow> rows = new ArrayList<>();
    FileSystem fs = file.getFileSystem(hadoop);
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(new GZIPInputStream(fs.open(file)), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        rows.add(Json.read(line.getBytes(StandardCharsets.UTF_8), ScoredRow.class));
      }
      return rows;
    } catch (IOException e) {
      throw new InputException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
