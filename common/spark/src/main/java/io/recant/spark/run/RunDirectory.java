package io.recant.spark.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
import io.recant.core.manifest.Json;
import io.recant.core.manifest.Manifest;
import io.recant.core.table.Table;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * The folder of one run on any Hadoop filesystem. Nothing in it counts but what a manifest names; a
 * manifest is created last and never replaced. No table, manifest or lock is renamed, which object
 * stores cannot do; that one process at a time writes is what {@link RunLock} sees to.
 */
public final class RunDirectory {

  private static final String LOCAL = "file";
  private static final String MANIFESTS = "manifests";

  private final FileSystem fs;
  private final Path path;

  RunDirectory(FileSystem fs, Path path) {
    this.fs = fs;
    this.path = path;
  }

  /** Opens (or begins) the run {@code id} under {@code root}. */
  public static RunDirectory open(String root, String id, Configuration hadoop) {
    try {
      Path rootPath = new Path(root);
      FileSystem fs = rootPath.getFileSystem(hadoop);
      return new RunDirectory(fs, fs.makeQualified(new Path(rootPath, id)));
    } catch (IOException | IllegalArgumentException e) {
      throw new InputException(
          "cannot open the run directory " + root + "/" + id + ": " + e.getMessage(), e);
    }
  }

  /** The folder, fully qualified. */
  public Path path() {
    return path;
  }

  /** The filesystem the run is on. */
  public FileSystem fileSystem() {
    return fs;
  }

  /** The folder of the manifests. */
  Path manifestFolder() {
    return new Path(path, MANIFESTS);
  }

  /** The folder of a table. */
  public Path tablePath(Table table) {
    return new Path(path, table.tableName());
  }

  /**
   * The manifest of a step, if the step is committed. A file that is not complete JSON is what a
   * writer left that died: the step is not committed.
   *
   * @throws InputException when it is complete and yet not a manifest this Recant reads: it was
   *     written by a newer one, or is something else
   */
  public Optional<Manifest> manifest(String step) {
    Path file = manifestPath(step);
    Optional<JsonNode> tree = SmallFiles.readJson(fs, file);
    if (tree.isEmpty()) {
      return Optional.empty();
    }
    int format = tree.get().path("format").asInt();
    if (format > Manifest.FORMAT) {
      throw new InputException(
          file
              + " has manifest format "
              + format
              + "; this Recant reads up to "
              + Manifest.FORMAT
              + ", use the newer version that wrote it");
    }
    try {
      return Optional.of(Json.value(tree.get(), Manifest.class));
    } catch (IOException e) {
      throw new InputException(file + " is not a manifest: " + e.getMessage(), e);
    }
  }

  /**
   * SHA-256 of the bytes of a committed step's manifest, as {@code sha256sum} gives it: a manifest
   * of a later version holds more than this one reads, and has one hash in both.
   */
  public Optional<String> manifestHash(String step) {
    if (manifest(step).isEmpty()) {
      return Optional.empty();
    }
    Path file = manifestPath(step);
    try (InputStream in = fs.open(file)) {
      return Optional.of(Json.sha256(in));
    } catch (IOException e) {
      throw new InputException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /** Every committed step's manifest, in the order they were committed. */
  public List<Manifest> manifests() {
    List<Manifest> manifests = new ArrayList<>();
    for (Manifest.FileEntry file : list(manifestFolder())) {
      String name = new Path(file.path()).getName();
      if (name.endsWith(".json")) {
        manifest(name.substring(0, name.length() - ".json".length())).ifPresent(manifests::add);
      }
    }
    manifests.sort(Comparator.comparing(Manifest::finished));
    return manifests;
  }

  /** The committed files of a table, over all steps that write it, ordered by path. */
  public List<Manifest.FileEntry> files(Table table) {
    List<Manifest.FileEntry> files = new ArrayList<>();
    for (Manifest manifest : manifests()) {
      Manifest.TableEntry entry = manifest.tables().get(table.tableName());
      if (entry != null) {
        files.addAll(entry.files());
      }
    }
    files.sort(Comparator.comparing(Manifest.FileEntry::path));
    return files;
  }

  /** Committed rows of a table. */
  public long rows(Table table) {
    return manifests().stream()
        .map(m -> m.tables().get(table.tableName()))
        .filter(e -> e != null)
        .mapToLong(Manifest.TableEntry::rows)
        .sum();
  }

  /**
   * Every file below a folder of this run, relative to the run, ordered; empty when there is no
   * such folder.
   */
  public List<Manifest.FileEntry> list(Path folder) {
    List<Manifest.FileEntry> files = new ArrayList<>();
    try {
      if (LOCAL.equals(fs.getUri().getScheme())) {
        addLocal(folder, files);
      } else {
        RemoteIterator<LocatedFileStatus> all = fs.listFiles(folder, true);
        while (all.hasNext()) {
          add(all.next(), files);
        }
      }
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw new StepException("cannot list " + folder + ": " + e.getMessage(), e);
    }
    files.sort(Comparator.comparing(Manifest.FileEntry::path));
    return files;
  }

  /** As listFiles, which starts a process for each file of a local disk to learn who owns it. */
  private void addLocal(Path folder, List<Manifest.FileEntry> files) throws IOException {
    for (FileStatus child : fs.listStatus(folder)) {
      if (child.isDirectory()) {
        addLocal(child.getPath(), files);
      } else {
        add(child, files);
      }
    }
  }

  private void add(FileStatus file, List<Manifest.FileEntry> files) {
    files.add(new Manifest.FileEntry(relative(file.getPath()), file.getLen()));
  }

  /**
   * The Parquet files of a table that no manifest names: what this writer has just written, or
   * leftovers.
   */
  public List<Manifest.FileEntry> uncommitted(Table table) {
    Set<String> committed = new HashSet<>();
    files(table).forEach(f -> committed.add(f.path()));
    return list(tablePath(table)).stream()
        .filter(f -> f.path().endsWith(".parquet") && !committed.contains(f.path()))
        .toList();
  }

  /**
   * Deletes what an interrupted writer left in a table; the caller holds the run's lock. Returns
   * how many files.
   */
  public int removeLeftovers(Table table) {
    return removeUncommitted(table, List.of());
  }

  /**
   * Deletes the uncommitted files of a table but for some; the caller holds the run's lock. Returns
   * how many there were.
   *
   * @param kept files that are about to be committed
   */
  public int removeUncommitted(Table table, List<Manifest.FileEntry> kept) {
    Set<String> keep = new HashSet<>();
    kept.forEach(f -> keep.add(f.path()));
    List<Manifest.FileEntry> leftovers =
        uncommitted(table).stream().filter(f -> !keep.contains(f.path())).toList();
    try {
      for (Manifest.FileEntry file : leftovers) {
        fs.delete(new Path(path, file.path()), false);
      }
    } catch (IOException e) {
      throw new StepException(
          "cannot remove leftovers of " + tablePath(table) + ": " + e.getMessage(), e);
    }
    return leftovers.size();
  }

  /**
   * Commits a step.
   *
   * @throws StepException when the step is committed already or the filesystem refuses
   */
  public void commit(Manifest manifest) {
    Path file = manifestPath(manifest.step());
    try {
      if (fs.exists(file) && manifest(manifest.step()).isEmpty()) {
        fs.delete(file, false);
      }
      create(file, Json.bytes(manifest));
    } catch (FileAlreadyExistsException e) {
      throw new StepException(
          "step " + manifest.step() + " was committed by another process: " + file, e);
    } catch (IOException e) {
      throw new StepException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Creates a small file; fails when it exists. On S3, and on local disks, Hadoop looks for it
   * first and creates it then: of two processes that do so at once both may succeed, which is why
   * the caller holds the run's lock.
   */
  public void create(Path file, byte[] content) throws IOException {
    try (OutputStream out = fs.create(file, false)) {
      out.write(content);
    }
  }

  /** A path as manifests write it: relative to the run. */
  public String relative(Path file) {
    return path.toUri().relativize(fs.makeQualified(file).toUri()).getPath();
  }

  private Path manifestPath(String step) {
    return new Path(manifestFolder(), step + ".json");
  }
}
