package io.recant.ml.data;

import java.util.Arrays;
import java.util.List;

/**
 * A few examples that take one step together.
 *
 * @param examples at least one
 * @param positions where each stands in its set's order, from 0: a key for what was computed once
 *     per example, cheaper than its id
 * @param seed of the reading they were drawn in: with a position, the seed of whatever else is
 *     drawn anew each time an example is read
 */
public record Minibatch(List<Example> examples, long[] positions, long seed) {

  /** How many examples. */
  public int size() {
    return examples.size();
  }

  /** Whether of some only parts of the target are to be forgotten. */
  public boolean hasSpans() {
    return examples.stream().anyMatch(example -> !example.spans().isEmpty());
  }

  /** Some of them, in their order. */
  public Minibatch part(int from, int to) {
    return new Minibatch(examples.subList(from, to), Arrays.copyOfRange(positions, from, to), seed);
  }
}
