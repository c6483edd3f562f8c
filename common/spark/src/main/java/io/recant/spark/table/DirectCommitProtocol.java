package io.recant.spark.table;

import io.recant.core.error.StepException;
import io.recant.core.manifest.Json;
import io.recant.core.manifest.Manifest;
import io.recant.core.table.Table;
import io.recant.spark.run.RunDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.JobContext;
import org.apache.hadoop.mapreduce.OutputCommitter;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.spark.TaskContext;
import org.apache.spark.internal.io.FileCommitProtocol.TaskCommitMessage;
import org.apache.spark.internal.io.FileNameSpec;
import org.apache.spark.internal.io.HadoopMapReduceCommitProtocol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Writes every file where it stays, under a name no other attempt of a task takes, and says in
 * {@value #WRITTEN} which files the successful attempts wrote. Nothing is renamed, which object
 * stores cannot do; a file counts only once a manifest names it.
 *
 * <p>Spark makes it by the name of its class. The driver's permission to commit is asked for as
 * with every committer, so an attempt that was given up does not keep its files.
 */
public final class DirectCommitProtocol extends HadoopMapReduceCommitProtocol {

  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(DirectCommitProtocol.class);

  /** The list of a job's files in its folder: paths relative to it, with their lengths. */
  static final String WRITTEN = "_written.json";

  private final String jobId;
  private final String folder;

  /** The files of this task's attempt; each task has its own copy of this object. */
  private final ArrayList<String> files = new ArrayList<>();

  public DirectCommitProtocol(String jobId, String folder) {
    super(jobId, folder, false);
    this.jobId = jobId;
    this.folder = folder;
  }

  /** What the last job of a table wrote, relative to the run and ordered; the list goes away. */
  static List<Manifest.FileEntry> takeWritten(RunDirectory run, Table table) {
    Path folder = run.tablePath(table);
    Path list = new Path(folder, WRITTEN);
    try (InputStream in = run.fileSystem().open(list)) {
      Manifest.FileEntry[] written = Json.read(in.readAllBytes(), Manifest.FileEntry[].class);
      run.fileSystem().delete(list, false);
      return Arrays.stream(written)
          .map(f -> new Manifest.FileEntry(table.tableName() + "/" + f.path(), f.bytes()))
          .toList();
    } catch (IOException e) {
      throw new StepException("cannot read " + list + ": " + e.getMessage(), e);
    }
  }

  @Override
  public OutputCommitter setupCommitter(TaskAttemptContext task) {
    return new InPlace();
  }

  @Override
  public String newTaskTempFile(TaskAttemptContext task, Option<String> dir, FileNameSpec spec) {
    String name =
        "%spart-%05d-%s-%d%s"
            .formatted(
                spec.prefix(),
                task.getTaskAttemptID().getTaskID().getId(),
                jobId,
                TaskContext.get().taskAttemptId(),
                spec.suffix());
    String file = dir.isEmpty() ? name : dir.get() + "/" + name;
    files.add(file);
    return new Path(folder, file).toString();
  }

  @Override
  public TaskCommitMessage commitTask(TaskAttemptContext task) {
    super.commitTask(task);
    try {
      FileSystem fs = fileSystem(task.getConfiguration());
      ArrayList<Manifest.FileEntry> written = new ArrayList<>();
      for (String file : files) {
        written.add(
            new Manifest.FileEntry(file, fs.getFileStatus(new Path(folder, file)).getLen()));
      }
      return new TaskCommitMessage(written);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void abortTask(TaskAttemptContext task) {
    try {
      FileSystem fs = fileSystem(task.getConfiguration());
      for (String file : files) {
        fs.delete(new Path(folder, file), false);
      }
    } catch (IOException e) {
      // What stays is no more than an interrupted step leaves: the next one removes it.
      LOG.warn("cannot remove the files of an attempt in {}", folder, e);
    }
  }

  @Override
  public void commitJob(JobContext job, Seq<TaskCommitMessage> tasks) {
    List<Manifest.FileEntry> all = new ArrayList<>();
    for (TaskCommitMessage task : CollectionConverters.asJava(tasks)) {
      for (Object file : (List<?>) task.obj()) {
        all.add((Manifest.FileEntry) file);
      }
    }
    all.sort(Comparator.comparing(Manifest.FileEntry::path));
    try (OutputStream out =
        fileSystem(job.getConfiguration()).create(new Path(folder, WRITTEN), true)) {
      out.write(Json.bytes(all));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void abortJob(JobContext job) {
    // The files of its tasks are leftovers of the step, which removes them when it is run again.
  }

  private FileSystem fileSystem(Configuration hadoop) throws IOException {
    return new Path(folder).getFileSystem(hadoop);
  }

  /** Commits nothing: the files are in their places. That it asks to is what Spark arbitrates. */
  private static final class InPlace extends OutputCommitter {

    @Override
    public void setupJob(JobContext job) {}

    @Override
    public void setupTask(TaskAttemptContext task) {}

    @Override
    public boolean needsTaskCommit(TaskAttemptContext task) {
      return true;
    }

    @Override
    public void commitTask(TaskAttemptContext task) {}

    @Override
    public void abortTask(TaskAttemptContext task) {}
  }
}
