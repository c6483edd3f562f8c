package io.recant.ml.data;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A set that is read from where it lies once and then from memory, where it is small enough; a
 * larger one is read again each time. Reading files anew for every epoch costs a small model more
 * than its training does.
 */
public final class RememberedExamples implements Examples {

  /** What an example takes beside its texts, its vector and its picture, roughly. */
  private static final long OVERHEAD = 200;

  private static final long SPAN = 24;

  private final Supplier<CloseableIterator<Example>> source;
  private final List<Example> rows;
  private final long count;

  /**
   * Reads the set once, to count it.
   *
   * @param source starts a reading, the same each time
   * @param mostBytes how much memory the examples may take
   */
  public RememberedExamples(Supplier<CloseableIterator<Example>> source, long mostBytes) {
    this.source = source;
    List<Example> kept = new ArrayList<>();
    long bytes = 0;
    long read = 0;
    try (CloseableIterator<Example> reading = source.get()) {
      while (reading.hasNext()) {
        Example example = reading.next();
        read++;
        bytes += size(example);
        if (bytes <= mostBytes) {
          kept.add(example);
        } else {
          kept.clear();
        }
      }
    }
    rows = bytes <= mostBytes ? List.copyOf(kept) : List.of();
    count = read;
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public CloseableIterator<Example> open() {
    return rows.size() == count ? Examples.of(rows).open() : source.get();
  }

  private static long size(Example example) {
    long characters =
        length(example.id())
            + length(example.input())
            + length(example.target())
            + length(example.suggested());
    long floats = example.vector() == null ? 0 : example.vector().length;
    long pixels = example.image() == null ? 0 : example.image().pixels().length;
    return OVERHEAD + 2 * characters + 4 * floats + pixels + SPAN * example.spans().size();
  }

  private static long length(String text) {
    return text == null ? 0 : text.length();
  }
}
