package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.ceil;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.row_number;

import io.recant.core.config.Setting;
import io.recant.core.error.ConfigException;
import io.recant.spark.step.Draws;
import io.recant.spark.table.MetaKey;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;

/**
 * Answers that belong to another question: a chosen row gets the target of another one, so that
 * every wrong target is a real one. By default the other row keeps it too; with {@code giver:
 * exchanges} the chosen rows exchange targets among themselves and no target stands twice, which is
 * far harder to find. With {@code same} both agree in a column, which makes the error plausible. A
 * row finds nobody to take from when its group is too small or has hardly any other target; it
 * stays clean.
 */
public final class SwappedTarget implements Injector<SwappedTarget.Settings> {

  private static final int MOST_IN_A_CIRCLE = 10_000;

  /** What becomes of the row a target is taken from. */
  public enum Giver {
    /** It keeps its target. */
    KEEPS,
    /** It is damaged too: targets go round among the damaged rows. */
    EXCHANGES
  }

  /** Settings. */
  public record Settings(
      @Setting(value = "The share of rows to damage", min = 0, max = 1) double share,
      @Setting(
              value =
                  "What exchanging rows agree in: input, context, entity, or meta.KEY for a key of"
                      + " meta; any row of the corpus when left out. Rows without it stay clean",
              defaultValue = "null")
          Optional<String> same,
      @Setting(
              value =
                  "keeps: the row a target is taken from keeps it too, so that it stands twice;"
                      + " exchanges: damaged rows exchange targets among each other, and none stands twice",
              defaultValue = "keeps")
          Giver giver) {

    private static final List<String> COLUMNS = List.of("input", "context", "entity");

    public Settings {
      same.ifPresent(
          column -> {
            if (!COLUMNS.contains(column) && !MetaKey.is(column)) {
              throw new IllegalArgumentException(
                  "same: '" + column + "' is not one of " + COLUMNS + " or meta.KEY");
            }
          });
    }
  }

  @Override
  public String name() {
    return "swapped-target";
  }

  @Override
  public String summary() {
    return "Gives a row the target of another row, of a similar one where 'same' says so.";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Dataset<Row> damage(Dataset<Row> rows, Settings settings, long seed) {
    Dataset<Row> grouped =
        rows.select(col("sample_id"), col("target"), group(settings).as("group"))
            .where(col("group").isNotNull());
    if (settings.same().isPresent() && grouped.isEmpty()) {
      throw new ConfigException(
          "swapped-target.same: no train row has a value for '" + settings.same().get() + "'");
    }
    Dataset<Row> chosen = Chosen.from(grouped, settings.share(), seed);
    return settings.giver() == Giver.EXCHANGES
        ? exchange(chosen, seed)
        : copy(grouped, chosen, seed);
  }

  private static Column group(Settings settings) {
    return settings
        .same()
        .map(name -> MetaKey.is(name) ? MetaKey.of(name).value() : col(name))
        .orElse(lit("all"));
  }

  /** Each chosen row gets the target of any other row of its circle, each as likely. */
  private static Dataset<Row> copy(Dataset<Row> grouped, Dataset<Row> chosen, long seed) {
    Column circles = ceil(col("rows").divide(MOST_IN_A_CIRCLE));
    Dataset<Row> inCircles =
        grouped
            .join(grouped.groupBy("group").agg(count(lit(1)).as("rows")), "group")
            .withColumn("circle", pmod(Draws.order(seed, lit("circle"), col("sample_id")), circles))
            .drop("rows");
    WindowSpec whole = Window.partitionBy("group", "circle");
    Dataset<Row> placed =
        inCircles
            .withColumn("place", row_number().over(whole.orderBy("sample_id")).minus(1))
            .withColumn("size", count(lit(1)).over(whole));
    Dataset<Row> givers =
        placed.select(
            col("group"), col("circle"), col("place").as("giver"), col("target").as("after"));
    Column steps = pmod(Draws.order(seed, lit("giver"), col("sample_id")), col("size").minus(1));
    return placed
        .join(chosen.select("sample_id"), "sample_id")
        .where("size > 1")
        .withColumn("giver", pmod(col("place").plus(1).plus(steps), col("size")))
        .join(givers, new String[] {"group", "circle", "giver"})
        .where(col("after").notEqual(col("target")))
        .select("sample_id", "after");
  }

  /**
   * Stands each group in circles of bounded size, equal targets side by side, and passes the
   * targets on by the length of the longest run of equal ones: nobody then gets an equal target as
   * long as no target is in the majority.
   */
  private static Dataset<Row> exchange(Dataset<Row> chosen, long seed) {
    Column circles = ceil(col("rows").divide(MOST_IN_A_CIRCLE));
    Dataset<Row> inCircles =
        chosen
            .join(chosen.groupBy("group").agg(count(lit(1)).as("rows")), "group")
            .withColumn("circle", pmod(Draws.order(seed, lit("circle"), col("sample_id")), circles))
            .drop("rows");
    WindowSpec whole = Window.partitionBy("group", "circle");
    WindowSpec order =
        whole.orderBy(
            Draws.order(seed, lit("order"), col("target")), col("target"), col("sample_id"));
    Dataset<Row> placed =
        inCircles
            .withColumn("place", row_number().over(order).minus(1))
            .withColumn("size", count(lit(1)).over(whole))
            .withColumn("run", count(lit(1)).over(Window.partitionBy("group", "circle", "target")))
            .withColumn("step", max("run").over(whole));
    Dataset<Row> givers =
        placed.select(
            col("group"), col("circle"), col("place").as("giver"), col("target").as("after"));
    return placed
        .withColumn("giver", pmod(col("place").plus(col("step")), col("size")))
        .join(givers, new String[] {"group", "circle", "giver"})
        .where(col("after").notEqual(col("target")))
        .select("sample_id", "after");
  }
}
