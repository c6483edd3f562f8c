package io.recant.jobs.inject;

import io.recant.core.registry.Extension;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Puts errors into a corpus on purpose. The same seed damages the same rows in the same way,
 * whatever the partitions.
 *
 * @param <S> its settings
 */
public interface Injector<S extends Record> extends Extension<S> {

  /**
   * Draws the damage.
   *
   * @param rows train rows of one corpus that no injector has damaged yet, as in table {@code
   *     samples}
   * @param seed of this injector in this corpus
   * @return {@code sample_id, after}: the new target, which differs from the old one
   */
  Dataset<Row> draw(S settings, Dataset<Row> rows, long seed);
}
