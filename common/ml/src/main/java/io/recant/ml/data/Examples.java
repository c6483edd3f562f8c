package io.recant.ml.data;

import java.util.Iterator;
import java.util.List;

/**
 * A set of examples that can be read again and again, always in the same order. Nothing here needs
 * the set in memory: an implementation streams it from where it lies.
 */
public interface Examples {

  /** How many examples one reading yields. */
  long count();

  /** Starts a reading from the first example; the caller closes it. */
  CloseableIterator<Example> open();

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
