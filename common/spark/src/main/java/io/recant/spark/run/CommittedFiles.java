package io.recant.spark.run;

import io.recant.core.error.InputException;
import io.recant.core.error.RecantException;
import io.recant.core.manifest.Manifest;
import io.recant.core.table.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;

/**
 * Holds what lies in a run against the manifests that name it: every file has to be there with its
 * length. Folders are listed once each; no file is asked for by itself. What changed within a file
 * of the same length is found by those who read it: pages of Parquet and model directories carry
 * checksums.
 */
public final class CommittedFiles {

  private final RunDirectory run;
  private final Map<String, Map<String, Long>> found = new HashMap<>();

  private CommittedFiles(RunDirectory run) {
    this.run = run;
  }

  /**
   * The committed files of a table, over all steps that write it, ordered by path. The other files
   * of those steps, as model directories, are checked with them.
   *
   * @throws InputException when a file is gone or has another length
   */
  public static List<Manifest.FileEntry> of(RunDirectory run, Table table) {
    CommittedFiles committed = new CommittedFiles(run);
    List<Manifest.FileEntry> files = new ArrayList<>();
    for (Manifest manifest : run.manifests()) {
      Manifest.TableEntry entry = manifest.tables().get(table.tableName());
      if (entry != null) {
        String what = "table " + table.tableName() + " of step " + manifest.step();
        entry.files().forEach(file -> committed.check(what, file));
        String artifact = "step " + manifest.step();
        manifest.artifacts().forEach(file -> committed.check(artifact, file));
        files.addAll(entry.files());
      }
    }
    files.sort(Comparator.comparing(Manifest.FileEntry::path));
    return files;
  }

  /**
   * Checks files of a table that are not committed yet.
   *
   * @throws InputException when a file is gone or has another length
   */
  public static void check(RunDirectory run, Table table, List<Manifest.FileEntry> files) {
    CommittedFiles written = new CommittedFiles(run);
    files.forEach(file -> written.check("table " + table.tableName(), file));
  }

  /** What to do about a file that is not what a step committed. */
  public static String remedy() {
    return "put it back as it was, or run the pipeline again with another --run-id";
  }

  /** The error of a reader at a file of a run. */
  public static InputException unreadable(String file, Throwable failure) {
    return new InputException(
        file
            + " cannot be read: "
            + RecantException.reason(failure)
            + "; if it was changed after it was written, "
            + remedy(),
        failure);
  }

  private void check(String what, Manifest.FileEntry file) {
    String folder = file.path().substring(0, file.path().indexOf('/'));
    Long length = found.computeIfAbsent(folder, this::list).get(file.path());
    String named = what + ": " + new Path(run.path(), file.path());
    if (length == null) {
      throw new InputException(
          named + " is named by a manifest and cannot be read: it is gone; " + remedy());
    }
    if (length != file.bytes()) {
      throw new InputException(
          named
              + " has "
              + length
              + " bytes, its manifest says "
              + file.bytes()
              + "; it was changed after it was written: "
              + remedy());
    }
  }

  private Map<String, Long> list(String folder) {
    return run.list(new Path(run.path(), folder)).stream()
        .collect(Collectors.toMap(Manifest.FileEntry::path, Manifest.FileEntry::bytes));
  }
}
