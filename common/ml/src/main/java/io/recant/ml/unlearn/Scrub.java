package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import io.recant.core.config.Setting;
import io.recant.ml.autograd.Scalars;
import io.recant.ml.data.Examples;
import io.recant.ml.data.HeldBack;
import io.recant.ml.data.Minibatch;
import io.recant.ml.data.Minibatches;
import io.recant.ml.model.Model;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Term;
import io.recant.ml.train.TrainingRun;
import io.recant.ml.unlearn.UnlearningResult.Stop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A student that disobeys its teacher, the starting model, on the forget set and obeys it on the
 * retain set. In each of the first epochs a pass over the forget set maximises {@code KL(p0 || p)};
 * every epoch ends with a pass over the retain set that minimises {@code gamma l_r + alpha KL(p0 ||
 * p)}.
 *
 * <p>Two stops: no further step of the first kind once the mean forget loss has reached its
 * ceiling; and after the last epoch of the first kind, the end when held-back retain examples no
 * longer gain.
 */
public final class Scrub implements UnlearningMethod<Scrub.Settings> {

  /** The paper's weights, and a learning rate for small models. */
  public record Settings(
      @Setting(
              value = "steps, where an epoch is one pass over the retain set",
              defaultValue =
                  "{epochs: 5, batch_size: 64, learning_rate: 0.0005, weight_decay: 0,"
                      + " decay: linear}")
          OptimizationSettings training,
      @Setting(
              value = "in how many epochs, from the first, the forget set is passed over too",
              defaultValue = "2",
              min = 0)
          int maximizingEpochs,
      @Setting(value = "factor of the retain targets' loss", defaultValue = "1", min = 0)
          double gamma,
      @Setting(value = "factor of the divergence on the retain set", defaultValue = "0.5", min = 0)
          double alpha,
      @Setting(
              value = "temperature that softens both distributions",
              defaultValue = "2",
              min = 1e-3)
          double temperature,
      @Setting(
              value =
                  "mean forget loss, nats per token, above which the forget set is left alone;"
                      + " without one the log of the number of answers",
              defaultValue = "null")
          Optional<Double> forgetCeiling,
      @Setting(
              value =
                  "every n-th retain example is held back (at most 2000) to see when to stop; 0"
                      + " holds none back and never stops early",
              defaultValue = "20",
              min = 0)
          int holdBackEvery,
      @Setting(
              value =
                  "stop when an epoch lowers the held-back loss by less than this share of its best",
              defaultValue = "0.001",
              min = 0,
              max = 1)
          double tolerance) {}

  @Override
  public String name() {
    return "scrub";
  }

  @Override
  public String summary() {
    return "Drives the model away from its old answers on the forget set, then back to them on the"
        + " retain set.";
  }

  @Override
  public String source() {
    return "Kurmanji et al., 2023, NeurIPS: Towards Unbounded Machine Unlearning";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean needsReference(Settings settings) {
    return true;
  }

  @Override
  public UnlearningResult unlearn(Settings settings, UnlearningTask task) {
    OptimizationSettings training = settings.training();
    HeldBack retain =
        HeldBack.every(task.retain(), settings.holdBackEvery(), FineTune.HELD_BACK_LIMIT);
    long retainSteps = Minibatches.count(retain.training().count(), training.batchSize());
    long forgetSteps = Minibatches.count(task.forget().count(), training.batchSize());
    long total =
        training.epochs() * retainSteps
            + Math.min(training.epochs(), settings.maximizingEpochs()) * forgetSteps;
    try (TrainingRun run = task.run(training, total)) {
      return new Passes(settings, task, task.requireReference(name()), run, retain).epochs();
    }
  }

  /** One unlearning under way. */
  private static final class Passes {

    private final Settings settings;
    private final UnlearningTask task;
    private final Model reference;
    private final TrainingRun run;
    private final HeldBack retain;
    private final SplittableRandom seeds;
    private final double ceiling;
    private boolean forgotten;

    Passes(
        Settings settings, UnlearningTask task, Model reference, TrainingRun run, HeldBack retain) {
      this.settings = settings;
      this.task = task;
      this.reference = reference;
      this.run = run;
      this.retain = retain;
      seeds = new SplittableRandom(task.seed());
      ceiling = settings.forgetCeiling().orElse(Math.log(task.model().vocabularySize()));
    }

    UnlearningResult epochs() {
      HeldBackLoss judge = new HeldBackLoss(run, task, retain.examples(), settings.tolerance());
      for (int epoch = 0; epoch < settings.training().epochs(); epoch++) {
        Optional<UnlearningResult> end = Optional.empty();
        if (epoch < settings.maximizingEpochs()) {
          end = pass(epoch, task.forget(), Term.Role.FORGET);
        }
        if (end.isEmpty()) {
          end = pass(epoch, retain.training(), Term.Role.RETAIN);
        }
        if (end.isPresent()) {
          return end.get();
        }
        if (epoch + 1 >= settings.maximizingEpochs() && judge.settled()) {
          return new UnlearningResult(run.steps(), Stop.RETAIN_SETTLED);
        }
      }
      return new UnlearningResult(run.steps(), Stop.COMPLETED);
    }

    /** One pass over a set; how the unlearning ended if it ended there. */
    private Optional<UnlearningResult> pass(int epoch, Examples examples, Term.Role role) {
      OptimizationSettings training = settings.training();
      boolean forgetting = role == Term.Role.FORGET;
      try (Minibatches batches =
          Minibatches.shuffled(
              examples, training.batchSize(), training.shuffleBuffer(), seeds.nextLong())) {
        while (batches.hasNext() && !(forgetting && forgotten)) {
          if (run.steps() >= task.limits().maxSteps()) {
            return Optional.of(new UnlearningResult(run.steps(), Stop.STEP_LIMIT));
          }
          List<Term> terms = terms(batches.next(), role);
          switch (run.step(
              epoch, terms, e -> !(forgetting && e.forgetLoss().orElseThrow() >= ceiling))) {
            case TAKEN -> {}
            case NOT_PERMITTED -> forgotten = true;
            case NOT_FINITE -> {
              return Optional.of(UnlearningResult.notFinite(run));
            }
          }
        }
      }
      return Optional.empty();
    }

    /** Away from the start where the target is to be forgotten, near it where it is kept. */
    private List<Term> terms(Minibatch minibatch, Term.Role role) {
      List<Term> terms = new ArrayList<>();
      terms.add(term(minibatch, role));
      if (role == Term.Role.FORGET && minibatch.hasSpans()) {
        terms.add(term(minibatch, Term.Role.KEPT));
      }
      return terms;
    }

    private Term term(Minibatch minibatch, Term.Role role) {
      return new Term(
          role,
          1,
          minibatch,
          Term.Mean.TOKENS,
          (part, batch, dropout) -> {
            NDArray mask = role.positions(batch);
            NDArray logits = task.model().logits(batch);
            NDArray loss = RetainTerm.loss(batch, mask, logits);
            NDArray far =
                RetainTerm.divergence(reference, batch, mask, logits, settings.temperature());
            return new Term.Value(
                role == Term.Role.FORGET
                    ? far.neg()
                    : Scalars.times(loss, settings.gamma())
                        .add(Scalars.times(far, settings.alpha())),
                loss);
          });
    }
  }
}
