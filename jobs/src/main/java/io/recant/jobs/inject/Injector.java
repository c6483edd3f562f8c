package io.recant.jobs.inject;

import io.recant.core.registry.Extension;
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
   *     before)
   * @throws io.recant.core.error.ConfigException when the settings do not fit the corpus
   */
  Dataset<Row> damage(Dataset<Row> rows, S settings, long seed);

  @Override
  default String source() {
    return "";
  }
}
