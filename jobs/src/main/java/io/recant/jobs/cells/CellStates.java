package io.recant.jobs.cells;

import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
import io.recant.ml.train.SavedStates;
import io.recant.spark.grid.CellContext;
import io.recant.spark.model.ModelFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The saved states of a training in its cell's folder, on whatever filesystem the run is. */
final class CellStates implements SavedStates, AutoCloseable {

  /** What a file is called until all of it has been copied. */
  private static final String PARTIAL = ".partial";

  private final CellContext context;
  private final long everyNanos;
  private final ModelFiles local = ModelFiles.empty();

  private CellStates(CellContext context, long everyNanos) {
    this.context = context;
    this.everyNanos = everyNanos;
  }

  static CellStates of(CellContext context, double everySeconds) {
    return new CellStates(context, (long) (1e9 * everySeconds));
  }

  @Override
  public String key() {
    return context.specHash();
  }

  @Override
  public long everyNanos() {
    return everyNanos;
  }

  @Override
  public java.nio.file.Path directory() {
    return local.local();
  }

  @Override
  public Optional<java.nio.file.Path> newest() {
    try {
      FileSystem fs = fileSystem();
      Optional<Path> newest =
          Arrays.stream(fs.listStatus(context.folder()))
              .map(FileStatus::getPath)
              .filter(file -> !file.getName().endsWith(PARTIAL))
              .max(Comparator.comparing(Path::getName));
      if (newest.isEmpty()) {
        return Optional.empty();
      }
      java.nio.file.Path copy = directory().resolve(newest.get().getName());
      fs.copyToLocalFile(false, newest.get(), new Path(copy.toUri()), true);
      return Optional.of(copy);
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new InputException("it cannot be read from " + context.folder(), e);
    }
  }

  @Override
  public void keep(java.nio.file.Path state) {
    String name = state.getFileName().toString();
    Path partial = new Path(context.folder(), name + PARTIAL);
    Path kept = new Path(context.folder(), name);
    try {
      FileSystem fs = fileSystem();
      fs.mkdirs(context.folder());
      fs.copyFromLocalFile(true, true, new Path(state.toUri()), partial);
      // Whole under its name or not there: on an object store this is a copy, and that appears at
      // its end.
      if (!fs.rename(partial, kept)) {
        throw new IOException("cannot rename " + partial);
      }
      for (FileStatus other : fs.listStatus(context.folder())) {
        if (!other.getPath().getName().equals(name)) {
          fs.delete(other.getPath(), false);
        }
      }
    } catch (IOException e) {
      throw new StepException("cannot save the state of a cell in " + context.folder(), e);
    }
  }

  private FileSystem fileSystem() throws IOException {
    return context.folder().getFileSystem(context.hadoop());
  }

  @Override
  public void close() {
    local.close();
  }
}
