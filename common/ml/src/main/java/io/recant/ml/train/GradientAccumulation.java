package io.recant.ml.train;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.core.error.StepException;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.autograd.DeviceMemory;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.autograd.Recomputation;
import io.recant.ml.autograd.Scalars;
import io.recant.ml.data.Minibatch;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.Model;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The gradients of a step that may be too large for the memory there is. Its terms go through the
 * model one after another, each in as many parts as it takes, and their gradients add up to those
 * of the whole step but for rounding. Batch normalisation is the exception: it knows the rows that
 * go through the model together, so that parts are normalised each by itself, and each part moves
 * the running statistics once. No row moves them twice.
 *
 * <p>A term is one part unless {@link Model#passBytes} says that it does not fit the budget. When
 * memory runs out all the same, the step begins again in parts half as large, and so do those after
 * it. Where a single example is too large, what its layers hold is {@link Recomputation computed
 * twice} instead of kept.
 */
final class GradientAccumulation {

  private final Model model;
  private final KeptValues beforePasses;
  private final Execution execution;
  private Dropout dropout;
  private int mostExamples = Integer.MAX_VALUE;
  private int saidExamples = Integer.MAX_VALUE;
  private boolean recomputes;

  /**
   * @param dropout for the forward passes of {@link Term.Role#TRAIN training}; copied
   * @param beforePasses the model's running statistics before a step's passes, which a step that
   *     begins again begins with; kept by the caller at each step
   */
  GradientAccumulation(Model model, Dropout dropout, KeptValues beforePasses, Execution execution) {
    this.model = model;
    this.dropout = dropout;
    this.beforePasses = beforePasses;
    this.execution = execution;
  }

  /** What the next step depends on. */
  State state() {
    return new State(dropout.drawn(), mostExamples, recomputes);
  }

  /** Goes on as this was. */
  void goOnFrom(State state) {
    dropout = dropout.at(state.drawn());
    mostExamples = state.mostExamples();
    recomputes = state.recomputes();
  }

  /**
   * Adds the gradients of a step to those of the model's parameters, which are zero.
   *
   * @param step its number, for messages
   * @param owner of what the step makes
   * @throws StepException when a single layer of a single example is too large
   */
  StepValues add(List<Term> terms, long step, NDManager owner) {
    while (true) {
      Sums sums = new Sums(dropout.at(dropout.drawn()));
      try (NDManager scope = owner.newSubManager()) {
        for (Term term : terms) {
          add(term, sums, scope);
        }
        dropout = sums.dropout;
        return sums.values();
      } catch (EngineException e) {
        if (!DeviceMemory.isExhausted(e)) {
          throw e;
        }
        beforePasses.giveBack();
        halve(terms, step, e);
      }
      Autograd.zero(model.parameters().trainable());
      DeviceMemory.release(model.device());
    }
  }

  private void add(Term term, Sums sums, NDManager owner) {
    try (NDManager scope = owner.newSubManager()) {
      Minibatch all = term.minibatch();
      Batch batch = model.encode(all.examples(), scope);
      Whole whole = new Whole(all.size(), tokens(term, batch));
      int most = Math.min(mostExamples, fitting(batch));
      if (all.size() <= most) {
        add(term, all, batch, whole, sums.dropout, sums);
        return;
      }
      Dropout pass = sums.dropout;
      for (int from = 0; from < all.size(); from += most) {
        Minibatch part = all.part(from, Math.min(all.size(), from + most));
        try (NDManager partScope = scope.newSubManager()) {
          Dropout own = pass.rows(from, all.size());
          add(term, part, model.encode(part.examples(), partScope), whole, own, sums);
          sums.dropout = pass.at(own.drawn());
        }
      }
    }
  }

  private void add(
      Term term, Minibatch part, Batch batch, Whole whole, Dropout dropout, Sums sums) {
    double tokens = tokens(term, batch);
    double tokenShare = tokens / Math.max(1, whole.tokens());
    double share =
        switch (term.mean()) {
          case TOKENS -> tokenShare;
          case EXAMPLES -> (double) part.size() / whole.examples();
        };
    try (GradMode on = GradMode.training();
        Recomputation segments = Recomputation.begin(recomputes)) {
      Term.Value value = term.loss().of(part, batch, dropout);
      NDArray counted = Scalars.times(value.value(), term.factor() * share);
      segments.backward(counted);
      sums.loss += Optimization.number(counted);
      sums.tokens += tokens;
      sums.tokenLosses.merge(
          term.role(), tokenShare * Optimization.number(value.tokenLoss()), Double::sum);
    }
  }

  private static double tokens(Term term, Batch batch) {
    return Optimization.number(term.role().positions(batch).sum());
  }

  /** How many examples of a batch fit the budget at once. */
  private int fitting(Batch batch) {
    long bytes = Execution.PASSES_OF_A_TERM * model.passBytes(batch);
    if (execution.memory().isEmpty() || bytes <= execution.memory().getAsLong()) {
      return Integer.MAX_VALUE;
    }
    double share = (double) execution.memory().getAsLong() / bytes;
    int examples = Math.max(1, (int) (share * batch.size()));
    boolean tooLarge = share * batch.size() < 1;
    if (examples < saidExamples || tooLarge && !recomputes) {
      saidExamples = examples;
      recomputes |= tooLarge;
      execution
          .notes()
          .accept(
              "steps go through the model in parts of down to "
                  + examples
                  + " examples, "
                  + (recomputes ? "their layers twice, " : "")
                  + "to fit "
                  + execution.memory().getAsLong()
                  + " bytes");
    }
    return examples;
  }

  private void halve(List<Term> terms, long step, EngineException failure) {
    int largest = terms.stream().mapToInt(term -> term.minibatch().size()).max().orElse(1);
    int tried = Math.min(largest, mostExamples);
    if (tried <= 1 && !recomputes) {
      mostExamples = 1;
      recomputes = true;
      execution
          .notes()
          .accept(
              "out of memory at step "
                  + (step + 1)
                  + ": steps go through the model example by example, their layers twice");
      return;
    }
    if (tried <= 1) {
      throw new StepException(
          "step "
              + step
              + ": memory of "
              + model.device()
              + " runs out on a single example; shorten the model's context, or take a device with"
              + " more memory",
          failure);
    }
    mostExamples = tried / 2;
    execution
        .notes()
        .accept(
            "out of memory at step "
                + (step + 1)
                + ": steps go through the model in parts of at most "
                + mostExamples
                + " examples");
  }

  /**
   * What steps so far have left behind here.
   *
   * @param drawn how far the dropout is in its generator
   * @param mostExamples what memory has been found to hold
   * @param recomputes whether layers are computed twice
   */
  record State(long drawn, int mostExamples, boolean recomputes) {}

  /** What a term's mean is over. */
  private record Whole(int examples, double tokens) {}

  /** What the terms of a step came to so far. */
  private static final class Sums {

    private final Map<Term.Role, Double> tokenLosses = new EnumMap<>(Term.Role.class);
    private Dropout dropout;
    private double loss;
    private double tokens;

    Sums(Dropout dropout) {
      this.dropout = dropout;
    }

    StepValues values() {
      return new StepValues(loss, tokenLoss(Term.Role.FORGET), tokenLoss(Term.Role.RETAIN), tokens);
    }

    private OptionalDouble tokenLoss(Term.Role role) {
      return tokenLosses.containsKey(role)
          ? OptionalDouble.of(tokenLosses.get(role))
          : OptionalDouble.empty();
    }
  }
}
