package io.recant.jobs.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.recant.core.config.Setting;
import io.recant.core.table.Table;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.step.Draws;
import io.recant.spark.step.Seeds;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
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
      @Setting(value = "The share that is known here", min = 0, max = 1) double share,
      @Setting(
              value = "The share of the known rows that are good ones, which somebody took for bad",
              defaultValue = "0",
              min = 0,
              max = 1)
          double wrong) {}

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
      context.write(table, rows(context, whole, table));
    }
    context.write(Table.KNOWN_BAD, clue(settings, context, whole));
  }

  /** The known rows; those of them that are good have targets that damaged rows have. */
  private static Dataset<Row> clue(Settings settings, StepContext context, RunDirectory whole) {
    Dataset<Row> all = rows(context, whole, Table.KNOWN_BAD);
    long wanted = Math.round(settings.share() * all.count());
    long wrong = Math.round(settings.wrong() * wanted);
    long seed = Seeds.derive(context.seed(), NAME);
    Dataset<Row> known = all.where(Draws.first(all, wanted - wrong, seed, "sample_id"));
    if (wrong == 0) {
      return known;
    }
    Dataset<Row> injections = rows(context, whole, Table.INJECTIONS);
    Dataset<Row> good =
        rows(context, whole, Table.DAMAGED)
            .where("split = 'train'")
            .join(injections.select("sample_id"), new String[] {"sample_id"}, "left_anti")
            .join(
                injections.selectExpr("after as target").distinct(),
                new String[] {"target"},
                "left_semi")
            .withColumn("known_by", lit("a mistake"))
            .select(Arrays.stream(all.columns()).map(c -> col(c)).toArray(Column[]::new));
    return known.union(good.where(Draws.first(good, wrong, seed, "sample_id")));
  }

  private static Dataset<Row> rows(StepContext context, RunDirectory whole, Table table) {
    return whole.rows(table) > 0
        ? RunTables.read(context.spark(), whole, table)
        : context.spark().createDataFrame(List.of(), Schemas.of(table));
  }
}
