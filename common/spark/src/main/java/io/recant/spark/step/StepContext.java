package io.recant.spark.step;

import io.recant.core.manifest.Manifest;
import io.recant.core.table.Table;
import io.recant.spark.observe.Activity;
import io.recant.spark.progress.Progress;
import io.recant.spark.run.CommittedFiles;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.table.TableReader;
import io.recant.spark.table.TableWriter;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * What a running step sees of the world: its tables, the seed, the clock, and where it says how far
 * it is.
 */
public final class StepContext {

  private final SparkSession spark;
  private final RunDirectory run;
  private final String stepName;
  private final long seed;
  private final int shards;
  private final Clock clock;
  private final Progress progress;
  private final Map<Table, Table> readable;
  private final Set<Table> writable;
  private final Map<Table, Manifest.TableEntry> written = new EnumMap<>(Table.class);
  private final Map<String, Double> measures = new TreeMap<>();
  private final List<Path> artifacts = new ArrayList<>();

  StepContext(
      SparkSession spark,
      RunDirectory run,
      String stepName,
      long seed,
      int shards,
      Clock clock,
      Progress progress,
      Map<Table, Table> readable,
      Set<Table> writable) {
    this.spark = spark;
    this.run = run;
    this.stepName = stepName;
    this.seed = seed;
    this.shards = shards;
    this.clock = clock;
    this.progress = progress;
    this.readable = readable;
    this.writable = writable;
  }

  /** The Spark session. */
  public SparkSession spark() {
    return spark;
  }

  /** The run's seed; derive an own one per purpose with {@link Seeds#derive}. */
  public long seed() {
    return seed;
  }

  /** How many shards large tables are cut into. */
  public int shards() {
    return shards;
  }

  /** The clock. */
  public Clock clock() {
    return clock;
  }

  /** Where the step says how far it is. */
  public Progress progress() {
    return progress;
  }

  /**
   * Says in Spark's UI what the jobs are for that start before it is closed.
   *
   * @param what the work, as in "write findings"
   */
  public Activity activity(String what) {
    return Activity.of(spark.sparkContext(), what);
  }

  /** Says the same of work on one corpus, in the log as well. */
  public Activity activity(String what, String corpus) {
    return Activity.on(spark.sparkContext(), corpus, what);
  }

  /** The run directory. */
  public RunDirectory runDirectory() {
    return run;
  }

  /** The step's name. */
  public String stepName() {
    return stepName;
  }

  /**
   * The committed rows of a table, with exactly the columns of its schema.
   *
   * @throws IllegalStateException when the step did not declare that it reads the table
   */
  public Dataset<Row> read(Table table) {
    return TableReader.read(spark, run, physical(table));
  }

  /**
   * The committed files of a table, for tasks that stream them without Spark SQL: full paths,
   * ordered, each checked to be there with its length.
   */
  public List<Path> files(Table table) {
    return CommittedFiles.of(run, physical(table)).stream()
        .map(f -> new Path(run.path(), f.path()))
        .toList();
  }

  /** Whether any committed step has written rows of the table. */
  public boolean has(Table table) {
    return run.rows(physical(table)) > 0;
  }

  /**
   * Writes a table. The rows must have exactly its columns (in any order).
   *
   * @return what was written, rows counted while they passed
   * @throws IllegalStateException when the step did not declare the table or has already written it
   */
  public Manifest.TableEntry write(Table table, Dataset<Row> rows) {
    return write(table, rows, false);
  }

  /**
   * Writes a table as {@link #write} does, rows of each shard being in one partition already: they
   * are not shuffled.
   */
  public Manifest.TableEntry writePlaced(Table table, Dataset<Row> rows) {
    return write(table, rows, true);
  }

  private Manifest.TableEntry write(Table table, Dataset<Row> rows, boolean placed) {
    if (!writable.contains(table)) {
      throw new IllegalStateException(
          "step " + stepName + " does not declare that it writes " + table.tableName());
    }
    if (written.containsKey(table)) {
      throw new IllegalStateException(
          "step " + stepName + " has already written " + table.tableName());
    }
    try (Activity activity = activity("write " + table.tableName())) {
      Manifest.TableEntry entry = TableWriter.write(run, table, rows, placed);
      written.put(table, entry);
      return entry;
    }
  }

  /** Rows this step has written into a table so far. */
  public long writtenRows(Table table) {
    Manifest.TableEntry entry = written.get(table);
    return entry == null ? 0 : entry.rows();
  }

  /**
   * Files of a table this step has written itself, before they are committed: full paths, ordered.
   */
  public List<Path> writtenFiles(Table table) {
    return ownFiles(table).stream().map(f -> new Path(run.path(), f.path())).toList();
  }

  /** The rows this step has itself just written into a table. */
  public Dataset<Row> readBack(Table table) {
    return TableReader.read(spark, run, table, ownFiles(table));
  }

  /** Records a number the step found out about itself; it goes into the manifest. */
  public void measure(String name, double value) {
    measures.put(name, value);
  }

  /**
   * Names a file or folder that belongs to the step beside its tables; the manifest lists its
   * files.
   */
  public void artifact(Path path) {
    artifacts.add(path);
  }

  Map<Table, Manifest.TableEntry> written() {
    return written;
  }

  Map<String, Double> measures() {
    return measures;
  }

  List<Path> artifacts() {
    return artifacts;
  }

  private List<Manifest.FileEntry> ownFiles(Table table) {
    Manifest.TableEntry entry = written.get(table);
    if (entry == null) {
      throw new IllegalStateException(
          "step " + stepName + " has not written " + table.tableName() + " yet");
    }
    return entry.files();
  }

  private Table physical(Table table) {
    Table physical = readable.get(table);
    if (physical == null) {
      throw new IllegalStateException(
          "step " + stepName + " does not declare that it reads " + table.tableName());
    }
    return physical;
  }
}
