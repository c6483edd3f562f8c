package io.recant.jobs.inject;

import io.recant.core.registry.Extension;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Puts errors in on purpose. Which rows it damages and how depends on nothing but the rows, the
 * settings and the seed: it draws with {@link io.recant.spark.step.Draws} and never by partition.
 *
 * @param <S> its settings
 */
public interface Injector<S extends Record> extends Extension<S> {

  /** The text column of {@code samples} it changes. */
  default String field() {
    return "target";
  }

  /**
   * The damage to one corpus.
   *
   * @param rows its train rows that no injector before has damaged, with the columns of {@code
   *     samples}
   * @param seed this injector's own seed
   * @return at most one row per sample: {@code sample_id}, {@code after} (never equal to the value
   *     before), and any other column of {@code samples} that it changes besides
   * @throws io.recant.core.error.ConfigException when the settings do not fit the corpus
   */
  Dataset<Row> damage(Dataset<Row> rows, S settings, long seed);

  /**
   * Rows that show whether a model does what the damage teaches: clean test rows changed as the
   * damaged ones are, but for their target. They are added to the corpus in a split of their own.
   *
   * @param test the corpus's test rows, with the columns of {@code samples}
   * @param seed this injector's own seed
   * @return at most one row per sample: {@code sample_id} of the test row, {@code false_target}
   *     that the damage teaches, and the columns that it changes; nothing where clean test rows
   *     show it
   */
  default Optional<Dataset<Row>> probes(Dataset<Row> test, S settings, long seed) {
    return Optional.empty();
  }

  @Override
  default String source() {
    return "";
  }
}
