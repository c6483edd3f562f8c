package io.recant.ml.data;

import java.util.NoSuchElementException;
import java.util.SplittableRandom;

/**
 * Minibatches of a set without end: each reading in a new random order. For the retain set, from
 * which one batch goes beside each batch of the forget set.
 */
public final class MinibatchCycle implements AutoCloseable {

  private final Examples examples;
  private final int batchSize;
  private final int bufferSize;
  private final SplittableRandom seeds;
  private Minibatches current;

  public MinibatchCycle(Examples examples, int batchSize, int bufferSize, long seed) {
    this.examples = examples;
    this.batchSize = batchSize;
    this.bufferSize = bufferSize;
    seeds = new SplittableRandom(seed);
    current = reading();
  }

  private Minibatches reading() {
    return Minibatches.shuffled(examples, batchSize, bufferSize, seeds.nextLong());
  }

  /**
   * The next minibatch.
   *
   * @throws NoSuchElementException when the set is empty
   */
  public Minibatch next() {
    if (!current.hasNext()) {
      current.close();
      current = reading();
    }
    return current.next();
  }

  @Override
  public void close() {
    current.close();
  }
}
