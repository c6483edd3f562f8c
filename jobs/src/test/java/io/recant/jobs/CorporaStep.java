package io.recant.jobs;

import static org.apache.spark.sql.functions.col;

import io.recant.core.table.Table;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** A step that writes tables of a known truth, for another to read. */
public abstract class CorporaStep implements Step<CorporaStep.Settings> {

  private final int partitions;
  private final Set<Table> tables;
  private final Map<Table, List<Row>> rows = new EnumMap<>(Table.class);

  /** No settings. */
  public record Settings() {}

  /** Writes so many partitions of each table: what reads them must not care. */
  protected CorporaStep(int partitions, Set<Table> tables) {
    this.partitions = partitions;
    this.tables = tables;
  }

  /** Adds all rows. */
  protected abstract void fill();

  /** Adds a row. */
  protected final void add(Table table, Object... values) {
    rows.get(table).add(RowFactory.create(values));
  }

  /** Adds a sample of a text. */
  protected final void sample(String corpus, String task, String id, String target, String split) {
    add(
        Table.SAMPLES,
        id,
        task,
        "text " + id,
        target,
        null,
        null,
        split,
        null,
        null,
        null,
        null,
        "file",
        1L,
        corpus,
        shard(id));
  }

  /** The rows of a table so far. */
  protected final List<Row> rows(Table table) {
    return rows.get(table);
  }

  /** Where rows about a sample lie. */
  protected static int shard(String id) {
    return Math.floorMod(id.hashCode(), 4);
  }

  @Override
  public final String name() {
    return "corpora";
  }

  @Override
  public final String summary() {
    return "Rows for a test.";
  }

  @Override
  public final Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public final Set<Table> reads(Settings config) {
    return Set.of();
  }

  @Override
  public final Set<Table> writes(Settings config) {
    return tables;
  }

  @Override
  public final void run(Settings config, StepContext context) {
    tables.forEach(table -> rows.put(table, new ArrayList<>()));
    fill();
    rows.forEach(
        (table, list) ->
            context.write(
                table,
                context
                    .spark()
                    .createDataFrame(list, Schemas.of(table))
                    .repartition(partitions, col(Schemas.of(table).fieldNames()[0]))));
  }
}
