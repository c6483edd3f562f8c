package io.recant.ml.data;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * A set without a small part that is kept in memory to judge progress on: every {@code stride}-th
 * example from the first, at most {@code limit} of them.
 *
 * @param training the rest, streamed
 * @param examples what was held back; empty for a set of fewer than {@code stride} examples
 */
public record HeldBack(Examples training, List<Example> examples) {

  /**
   * Splits a set, reading it once.
   *
   * @param stride at least 2, or 0 to hold nothing back
   */
  public static HeldBack every(Examples all, int stride, int limit) {
    if (stride == 0) {
      return new HeldBack(all, List.of());
    }
    if (stride < 2) {
      throw new IllegalArgumentException("holding back every " + stride + "-th leaves nothing");
    }
    long held = Math.min(limit, all.count() / stride);
    List<Example> kept = new ArrayList<>();
    try (CloseableIterator<Example> iterator = all.open()) {
      for (long position = 0; kept.size() < held && iterator.hasNext(); position++) {
        Example example = iterator.next();
        if (position % stride == 0) {
          kept.add(example);
        }
      }
    }
    return new HeldBack(new Rest(all, stride, held), List.copyOf(kept));
  }

  private record Rest(Examples all, int stride, long held) implements Examples {

    @Override
    public long count() {
      return all.count() - held;
    }

    @Override
    public CloseableIterator<Example> open() {
      CloseableIterator<Example> source = all.open();
      return new CloseableIterator<>() {
        private long position;

        @Override
        public boolean hasNext() {
          while (position % stride == 0 && position / stride < held && source.hasNext()) {
            source.next();
            position++;
          }
          return source.hasNext();
        }

        @Override
        public Example next() {
          if (!hasNext()) {
            throw new NoSuchElementException();
          }
          position++;
          return source.next();
        }

        @Override
        public void close() {
          source.close();
        }
      };
    }
  }
}
