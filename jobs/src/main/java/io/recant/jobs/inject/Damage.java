package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.xxhash64;

import io.recant.core.table.Table;
import io.recant.spark.step.Seeds;
import io.recant.spark.table.Schemas;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * What one injector did to one corpus. Kept on the executors until closed: the injectors after it
 * and several tables ask for it; it holds names and new values only.
 */
final class Damage implements AutoCloseable {

  /** The split of rows that show whether a model does what the damage teaches. */
  static final String PROBES = "triggered";

  /** What an injector may change. */
  static final List<String> CHANGEABLE = List.of("input", "target", "context", "entity", "image");

  private static final String NEW = "new_";

  private final String injector;
  private final long seed;
  private final Dataset<Row> rows;
  private final Dataset<Row> probes;
  private final long probeCount;

  private Damage(
      String injector, long seed, Dataset<Row> rows, Dataset<Row> probes, long probeCount) {
    this.injector = injector;
    this.seed = seed;
    this.rows = rows;
    this.probes = probes;
    this.probeCount = probeCount;
  }

  /**
   * Lets an injector loose.
   *
   * @param clean train rows of one corpus that it may damage
   * @param test the corpus's test rows
   * @param place which injector of the corpus it is
   */
  static <S extends Record> Damage of(
      Injector<S> injector,
      Record settings,
      Dataset<Row> clean,
      Dataset<Row> test,
      int place,
      int shards,
      long seed) {
    S own = injector.settings().cast(settings);
    Dataset<Row> rows =
        records(clean, injector.damage(clean, own, seed), injector, seed)
            .persist(StorageLevel.MEMORY_AND_DISK());
    Optional<Dataset<Row>> probes =
        injector
            .probes(test, own, seed)
            .map(
                changed ->
                    probes(test, changed, injector.name() + "/" + place, shards)
                        .persist(StorageLevel.MEMORY_AND_DISK()));
    return new Damage(
        injector.name(), seed, rows, probes.orElse(null), probes.map(Dataset::count).orElse(0L));
  }

  /** Columns of {@code injections}, and each changeable column's new value, null where kept. */
  private static Dataset<Row> records(
      Dataset<Row> clean, Dataset<Row> damage, Injector<?> injector, long seed) {
    Dataset<Row> before =
        clean.select(
            col("sample_id"), col(injector.field()).as("before"), col("corpus"), col("shard"));
    List<String> changed = Arrays.asList(damage.columns());
    Dataset<Row> named = damage;
    for (String name : CHANGEABLE) {
      named =
          name.equals(injector.field())
              ? named.withColumn(NEW + name, col("after"))
              : changed.contains(name)
                  ? named.withColumnRenamed(name, NEW + name)
                  : named.withColumn(NEW + name, lit(null).cast(type(name)));
    }
    // A value that did not change is no error.
    return before
        .join(named, "sample_id")
        .where(col("after").notEqual(col("before")))
        .withColumn("injector", lit(injector.name()))
        .withColumn("field", lit(injector.field()))
        .withColumn("seed", lit(seed));
  }

  private static String type(String column) {
    return Schemas.of(Table.SAMPLES).apply(column).dataType().sql();
  }

  /** Whole samples, each a test row with changes under a name of its own. */
  private static Dataset<Row> probes(
      Dataset<Row> test, Dataset<Row> changed, String injector, int shards) {
    List<String> replaced = Arrays.asList(changed.columns());
    Dataset<Row> kept =
        test.drop(
            replaced.stream().filter(name -> !name.equals("sample_id")).toArray(String[]::new));
    return kept.join(changed, "sample_id")
        .withColumn(
            "sample_id",
            substring(sha2(concat_ws("/", col("sample_id"), lit(injector)), 256), 1, 32))
        .withColumn("shard", pmod(xxhash64(col("sample_id")), lit(shards)).cast("int"))
        .withColumn("split", lit(PROBES))
        .withColumn("meta", to_json(struct(col("false_target"))))
        .select(Arrays.stream(test.columns()).map(c -> col(c)).toArray(Column[]::new));
  }

  /** How many samples were damaged. */
  long count() {
    return rows.count();
  }

  /** How many rows it adds. */
  long probeCount() {
    return probeCount;
  }

  /** The rows it adds, as samples. */
  Optional<Dataset<Row>> probes() {
    return Optional.ofNullable(probes);
  }

  /** {@code sample_id} of what was damaged. */
  Dataset<Row> names() {
    return rows.select("sample_id");
  }

  /** Rows of table {@code injections}. */
  Dataset<Row> injections() {
    return shaped(rows, Table.INJECTIONS);
  }

  /** Rows of table {@code known_bad}: exactly that share of what was damaged, rounded. */
  Dataset<Row> known(double share) {
    return shaped(
        Chosen.from(rows, share, Seeds.derive(seed, "known"))
            .withColumn("known_by", lit("injector " + injector)),
        Table.KNOWN_BAD);
  }

  /** {@code corpus, sample_id}, and the new value of each changeable column. */
  Dataset<Row> changes() {
    return rows.select(
        "corpus",
        Stream.concat(Stream.of("sample_id"), CHANGEABLE.stream().map(Damage::changed))
            .toArray(String[]::new));
  }

  /** What a column's new value is called. */
  static String changed(String column) {
    return NEW + column;
  }

  private static Dataset<Row> shaped(Dataset<Row> rows, Table table) {
    return rows.select(
        Arrays.stream(Schemas.of(table).fieldNames()).map(c -> col(c)).toArray(Column[]::new));
  }

  @Override
  public void close() {
    rows.unpersist();
    probes().ifPresent(Dataset::unpersist);
  }
}
