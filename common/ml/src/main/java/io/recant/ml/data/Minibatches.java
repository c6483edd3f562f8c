package io.recant.ml.data;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;

/**
 * Cuts one reading of a set into minibatches, in order or shuffled.
 *
 * <p>The shuffle keeps a buffer of bounded size: each draw takes a random row of the buffer and
 * refills its place from the stream, so memory does not grow with the set. With a buffer as large
 * as the set it is a uniform shuffle; with a smaller one, a row moves forward by at most the
 * buffer's size, so a set sorted by class should be stored shuffled. Equal seeds give equal orders.
 */
public final class Minibatches implements CloseableIterator<Minibatch> {

  private record Row(Example example, long position) {}

  private final CloseableIterator<Example> source;
  private final int batchSize;
  private final int bufferSize;
  private final SplittableRandom random;
  private final ArrayList<Row> buffer;
  private long read;

  private Minibatches(Examples examples, int batchSize, int bufferSize, long seed) {
    if (batchSize < 1 || bufferSize < 1) {
      throw new IllegalArgumentException(
          "a batch of " + batchSize + " from a buffer of " + bufferSize);
    }
    this.batchSize = batchSize;
    this.bufferSize = bufferSize;
    random = new SplittableRandom(seed);
    buffer = new ArrayList<>();
    source = examples.open();
  }

  /** In the set's order. */
  public static Minibatches inOrder(Examples examples, int batchSize) {
    return new Minibatches(examples, batchSize, 1, 0);
  }

  /**
   * In a random order.
   *
   * @param bufferSize rows held at once
   * @param seed decides the order; another epoch takes another seed
   */
  public static Minibatches shuffled(Examples examples, int batchSize, int bufferSize, long seed) {
    return new Minibatches(examples, batchSize, bufferSize, seed);
  }

  /** How many minibatches a reading of that many examples has; the last may be smaller. */
  public static long count(long examples, int batchSize) {
    return (examples + batchSize - 1) / batchSize;
  }

  @Override
  public boolean hasNext() {
    return !buffer.isEmpty() || source.hasNext();
  }

  @Override
  public Minibatch next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    List<Example> examples = new ArrayList<>(batchSize);
    long[] positions = new long[batchSize];
    while (examples.size() < batchSize && hasNext()) {
      Row row = draw();
      positions[examples.size()] = row.position();
      examples.add(row.example());
    }
    return new Minibatch(
        List.copyOf(examples), java.util.Arrays.copyOf(positions, examples.size()));
  }

  private Row draw() {
    while (buffer.size() < bufferSize && source.hasNext()) {
      buffer.add(new Row(source.next(), read++));
    }
    int drawn = bufferSize == 1 ? 0 : random.nextInt(buffer.size());
    Row last = buffer.remove(buffer.size() - 1);
    return drawn == buffer.size() ? last : buffer.set(drawn, last);
  }

  @Override
  public void close() {
    source.close();
  }
}
