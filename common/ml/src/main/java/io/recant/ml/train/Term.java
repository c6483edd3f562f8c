package io.recant.ml.train;

import ai.djl.ndarray.NDArray;
import io.recant.ml.data.Minibatch;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Dropout;

/**
 * One term of a step's loss: {@code factor} times a mean over examples. What the mean is over says
 * how it is put together again from parts of the minibatch: with {@code n} the number of what it is
 * over, {@code mean = sum_p (n_p / n) mean_p}, exactly but for rounding.
 *
 * @param role which examples these are, for the log
 * @param factor how much the term counts
 * @param minibatch the examples
 * @param mean what {@link Loss} is a mean over
 * @param loss computes the term of some of the examples
 */
public record Term(Role role, double factor, Minibatch minibatch, Mean mean, Loss loss) {

  /** Which examples a term is over, and which of their targets. */
  public enum Role {
    /** All targets of what is learned. */
    TRAIN,
    /** Of forget examples the targets that are to be forgotten. */
    FORGET,
    /** All targets of retain examples. */
    RETAIN,
    /** Of forget examples the targets that are kept; the log does not tell of them. */
    KEPT;

    /** (N, T): 1 at the targets the term is over. */
    public NDArray positions(Batch batch) {
      return switch (this) {
        case TRAIN, RETAIN -> batch.mask();
        case FORGET -> batch.forgetMask();
        case KEPT -> batch.keptMask();
      };
    }
  }

  /** What a term is the mean over. */
  public enum Mean {
    /** The target tokens of all examples together. */
    TOKENS,
    /** The examples, whatever their length. */
    EXAMPLES
  }

  /**
   * The term of some examples.
   *
   * @param value the mean to minimise, a scalar
   * @param tokenLoss their mean negative log-likelihood of a target token, a scalar
   */
  public record Value(NDArray value, NDArray tokenLoss) {}

  /** Computes a term. */
  @FunctionalInterface
  public interface Loss {

    /**
     * @param minibatch the examples, all or some of the term's
     * @param batch the same, encoded; its manager owns what is made of it and is closed after the
     *     backward pass
     * @param dropout for the forward pass of a training
     */
    Value of(Minibatch minibatch, Batch batch, Dropout dropout);
  }
}
