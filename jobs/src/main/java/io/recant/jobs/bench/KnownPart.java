package io.recant.jobs.bench;

import io.recant.core.config.Setting;
import io.recant.core.table.Table;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.step.Draws;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.TableReader;
import java.util.EnumSet;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Takes over a run in which all of the damage is known, but for knowing all of it: the samples, the
 * damage and what detectors look at are the same however much is known, and take the longest. A
 * larger share contains what a smaller one does.
 */
final class KnownPart implements Step<KnownPart.Settings> {

  static final String NAME = "known-part";

  private static final Set<Table> TAKEN =
      Set.of(
          Table.SAMPLES,
          Table.CLASSES,
          Table.DAMAGED,
          Table.INJECTIONS,
          Table.EMBEDDINGS,
          Table.PREDICTIONS,
          Table.CANARIES);

  /** Settings. */
  record Settings(
      @Setting("The run directory in which all is known") String run,
      @Setting(value = "The share that is known here", min = 0, max = 1) double share) {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "Takes over a run, of whose damage a share is known.";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Set<Table> reads(Settings settings) {
    return Set.of();
  }

  @Override
  public Set<Table> writes(Settings settings) {
    Set<Table> tables = EnumSet.copyOf(TAKEN);
    tables.add(Table.KNOWN_BAD);
    return tables;
  }

  @Override
  public void run(Settings settings, StepContext context) {
    Path run = new Path(settings.run());
    RunDirectory whole =
        RunDirectory.open(
            run.getParent().toString(),
            run.getName(),
            context.spark().sparkContext().hadoopConfiguration());
    for (Table table : TAKEN) {
      context.write(table, TableReader.read(context.spark(), whole, table));
    }
    Dataset<Row> known = TableReader.read(context.spark(), whole, Table.KNOWN_BAD);
    long wanted = Math.round(settings.share() * known.count());
    long seed = Seeds.derive(context.seed(), NAME);
    context.write(Table.KNOWN_BAD, known.where(Draws.first(known, wanted, seed, "sample_id")));
  }
}
