package io.recant.jobs.bench;

import io.recant.spark.run.RunDirectory;
import io.recant.spark.step.Step;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What a benchmark works with. */
public interface BenchContext {

  /** The Spark session. */
  SparkSession spark();

  /**
   * The folder of {@code --data}.
   *
   * @throws io.recant.core.error.ConfigException where none was given
   */
  Path data();

  /**
   * A folder of this run for what is made on the way; emptied when the benchmark begins, unless it
   * goes on.
   */
  Path scratch();

  /** The seed of whatever is drawn. */
  long seed();

  /** Says what is being done, as a line. */
  void note(String line);

  /** Prints rows as a table, and writes them as the Parquet table of that name. */
  void table(String name, Dataset<Row> rows);

  /** Writes a page beside the tables, as {@code NAME.html}. */
  void page(String name, String html);

  /** How many seconds work takes. */
  double seconds(Runnable work);

  /**
   * Runs the steps of a pipeline's YAML text below {@link #scratch}.
   *
   * @param yaml as in a configuration file, without {@code run.root}
   * @param own steps of the benchmark's, which the configuration may name beside Recant's
   * @return the run directory
   */
  RunDirectory pipeline(String yaml, Step<?>... own);

  /** The same with steps that say nothing: for runs by the hundred. */
  RunDirectory quietly(String yaml, Step<?>... own);
}
