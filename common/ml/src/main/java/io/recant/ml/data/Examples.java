package io.recant.ml.data;

import java.util.Iterator;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A set of examples that can be read again and again, always in the same order. Nothing here needs
 * the set in memory: an implementation streams it from where it lies.
 */
public interface Examples {

  /** How many examples one reading yields. */
  long count();

  /** Starts a reading from the first example; the caller closes it. */
  CloseableIterator<Example> open();

  /**
   * The same set with each example changed as it is read.
   *
   * @param change from an example and its place in the set
   */
  default Examples map(BiFunction<Example, Long, Example> change) {
    Examples given = this;
    return new Examples() {
      @Override
      public long count() {
        return given.count();
      }

      @Override
      public CloseableIterator<Example> open() {
        CloseableIterator<Example> reading = given.open();
        return new CloseableIterator<>() {
          private long next;

          @Override
          public boolean hasNext() {
            return reading.hasNext();
          }

          @Override
          public Example next() {
            return change.apply(reading.next(), next++);
          }

          @Override
          public void close() {
            reading.close();
          }
        };
      }
    };
  }

  /** A set that fits in memory. */
  static Examples of(List<Example> rows) {
    List<Example> kept = List.copyOf(rows);
    return new Examples() {
      @Override
      public long count() {
        return kept.size();
      }

      @Override
      public CloseableIterator<Example> open() {
        Iterator<Example> iterator = kept.iterator();
        return new CloseableIterator<>() {
          @Override
          public boolean hasNext() {
            return iterator.hasNext();
          }

          @Override
          public Example next() {
            return iterator.next();
          }

          @Override
          public void close() {}
        };
      }
    };
  }
}
