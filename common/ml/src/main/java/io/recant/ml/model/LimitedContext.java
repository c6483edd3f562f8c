package io.recant.ml.model;

import io.recant.ml.data.Example;

/** A model that reads no more than so much of an example. */
public interface LimitedContext {

  /**
   * How many tokens of an example do not fit and are not read.
   *
   * @throws io.recant.core.error.InputException when the example lacks what this model reads
   */
  int cutTokens(Example example);
}
