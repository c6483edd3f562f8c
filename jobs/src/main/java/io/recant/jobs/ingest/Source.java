package io.recant.jobs.ingest;

import io.recant.core.registry.Extension;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Where a corpus comes from. A source finds the rows and says where each one stood; it does not
 * judge what is in them.
 *
 * @param <S> its settings
 */
public interface Source<S extends Record> extends Extension<S> {

  /**
   * Every row of the corpus, with the columns of {@link RawRow#SCHEMA}. The same files give the
   * same rows, in whatever partitions. A row that cannot be read is returned with its reason; a
   * file that cannot be read at all is an {@link io.recant.core.error.InputException} that names
   * it, thrown here or, inside a task, when the rows are computed.
   */
  Dataset<Row> read(S settings, SourceContext context);

  /** Whether its rows have pictures, each of any size. */
  default boolean picturesOfAnySize() {
    return false;
  }

  /**
   * Looks at settings before anything runs.
   *
   * @throws io.recant.core.error.ConfigException when they cannot work
   */
  default void check(S settings) {}

  @Override
  default String source() {
    return "";
  }
}
