package io.recant.ml.data;

import java.util.List;

/**
 * A few examples that take one step together.
 *
 * @param examples at least one
 * @param positions where each stands in its set's order, from 0: a key for what was computed once
 *     per example, cheaper than its id
 */
public record Minibatch(List<Example> examples, long[] positions) {

  /** How many examples. */
  public int size() {
    return examples.size();
  }
}
