package io.recant.ml.unlearn;

import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.data.Minibatches;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lets a classifier go of what it learned by heart, as far as the retain set can spare it: it still
 * gives {@value #SPARED} of the retain targets that it gave, of a sample. One that gives fewer has
 * lost what is general too, and a few passes do not teach it again: networks that normalise, and
 * models that learned little by heart.
 */
final class LettingGo {

  private static final double SPARED = 0.9;

  /** So many retain rows tell which share of targets is given, to within a point or so. */
  private static final int JUDGED = 1000;

  /** Shrink and perturb's usual factor, for models that were trained from nothing. */
  private static final double USUAL_KEEP = 0.4;

  /** So many rows of each set tell which weights to dampen: what goes too far is taught again. */
  private static final int DAMPENED_BY = 2000;

  private static final Potion.Settings SEARCH =
      new Potion.Settings(0.2, 0.04, 1.1, 500, 1, DAMPENED_BY, 10_000);

  private final UnlearningTask task;
  private final int shuffleBuffer;

  LettingGo(UnlearningTask task, int shuffleBuffer) {
    this.task = task;
    this.shuffleBuffer = shuffleBuffer;
  }

  /**
   * Dampens the weights that matter to the forget set, as {@link Potion} does.
   *
   * @return the threshold; nothing, and the model is as it was, where its targets are not let go of
   *     or the retain set cannot spare what it takes: the damage is not in a few weights
   */
  Optional<Double> dampened() {
    Model model = task.model();
    double given = given();
    try (Model start = model.copy()) {
      Optional<Potion.Found> found =
          Potion.search(SEARCH, task.withForget(drawn(task.forget())), start)
              .filter(Potion.Found::enough);
      if (found.isPresent() && given() >= SPARED * given) {
        return Optional.of(found.get().alpha());
      }
      model.parameters().assign(start.parameters());
      return Optional.empty();
    }
  }

  /** Some of a large set: each of the search's many tries passes over them. */
  private Examples drawn(Examples set) {
    if (set.count() <= DAMPENED_BY) {
      return set;
    }
    List<Example> drawn = new ArrayList<>();
    try (Minibatches batches =
        Minibatches.shuffled(set, task.limits().evaluationBatch(), shuffleBuffer, task.seed())) {
      while (drawn.size() < DAMPENED_BY && batches.hasNext()) {
        drawn.addAll(batches.next().examples());
      }
    }
    return Examples.of(drawn);
  }

  /**
   * Moves the weights towards those of a new model, {@link FreshWeights#mixInto}.
   *
   * @param method for messages
   * @return what is kept of them, the least that will do
   */
  double shrunk(long seed, String method) {
    double least = SPARED * given();
    return FreshWeights.mixInto(task.model(), USUAL_KEEP, seed, method, () -> given() >= least);
  }

  /** The share of retain targets that the model gives. */
  private double given() {
    try (Minibatches drawn =
        Minibatches.shuffled(
            task.retain(), task.limits().evaluationBatch(), shuffleBuffer, task.seed())) {
      return TargetAccuracy.of(task.model(), drawn, Batch::mask, JUDGED);
    }
  }
}
