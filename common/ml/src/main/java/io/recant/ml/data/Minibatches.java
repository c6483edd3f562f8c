package io.recant.ml.data;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Cuts one reading of a set into minibatches, in order or shuffled.
 *
 * <p>The shuffle keeps a buffer of bounded size: each draw takes a random row of the buffer and
 * refills its place from the stream, so memory does not grow with the set. With a buffer as large
 * as the set it is a uniform shuffle; with a smaller one, a row moves forward by at most twice the
 * buffer's size, so a set sorted by class should be stored shuffled. Equal seeds give equal orders.
 *
 * <p>Rows that were drawn near each other are put into batches by the length of their text, and
 * those batches are shuffled in turn, no more rows at once than the buffer has: a batch is padded
 * to its longest text, and so pays for little padding. Rows with pictures stay as they were drawn.
 */
public final class Minibatches implements CloseableIterator<Minibatch> {

  /** Most batches that are put together by length at once. */
  private static final int POOL = 32;

  private record Row(Example example, long position) {

    /**
     * A picture is as long as any other. By their class names pictures of one class would come
     * together, and batch normalisation would know the class by its batch.
     */
    int length() {
      return example.image() != null ? 0 : length(example.input()) + length(example.target());
    }

    private static int length(String text) {
      return text == null ? 0 : text.length();
    }
  }

  private final CloseableIterator<Example> source;
  private final int batchSize;
  private final int bufferSize;
  private final long seed;
  private final SplittableRandom random;
  private final int pool;
  private final ArrayList<Row> buffer = new ArrayList<>();
  private final ArrayDeque<Minibatch> ready = new ArrayDeque<>();
  private long read;

  private Minibatches(Examples examples, int batchSize, int bufferSize, long seed) {
    if (batchSize < 1 || bufferSize < 1) {
      throw new IllegalArgumentException(
          "a batch of " + batchSize + " from a buffer of " + bufferSize);
    }
    this.batchSize = batchSize;
    this.bufferSize = bufferSize;
    pool = (int) Math.max(batchSize, Math.min((long) POOL * batchSize, bufferSize));
    this.seed = seed;
    random = new SplittableRandom(seed);
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
    return !ready.isEmpty() || rowsLeft();
  }

  @Override
  public Minibatch next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    if (ready.isEmpty()) {
      fill();
    }
    return ready.remove();
  }

  private boolean rowsLeft() {
    return !buffer.isEmpty() || source.hasNext();
  }

  private void fill() {
    List<Row> rows = new ArrayList<>();
    while (rows.size() < pool && rowsLeft()) {
      rows.add(draw());
    }
    List<Minibatch> batches = new ArrayList<>();
    if (pool > batchSize) {
      rows.sort(Comparator.comparingInt(Row::length));
    }
    for (int from = 0; from < rows.size(); from += batchSize) {
      batches.add(minibatch(rows.subList(from, Math.min(rows.size(), from + batchSize))));
    }
    if (pool > batchSize) {
      Collections.shuffle(batches, new Random(random.nextLong()));
    }
    ready.addAll(batches);
  }

  private Minibatch minibatch(List<Row> rows) {
    return new Minibatch(
        rows.stream().map(Row::example).toList(),
        rows.stream().mapToLong(Row::position).toArray(),
        seed);
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
