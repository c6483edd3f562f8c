package io.recant.spark.grid;

import java.io.Serializable;

/**
 * What an executor does with a cell.
 *
 * @param <T> the cell's specification, a record Jackson can write (its JSON is hashed)
 * @param <R> the result, a record Jackson can write and read
 */
@FunctionalInterface
public interface CellTask<T extends Serializable, R> extends Serializable {

  /** Does the work; an exception fails this cell alone. */
  R run(T spec, CellContext context) throws Exception;
}
