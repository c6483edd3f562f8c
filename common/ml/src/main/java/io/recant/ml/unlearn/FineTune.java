package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import io.recant.core.config.Setting;
import io.recant.ml.data.HeldBack;
import io.recant.ml.data.Minibatch;
import io.recant.ml.data.Minibatches;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Term;
import io.recant.ml.train.TrainingRun;
import io.recant.ml.train.TrainingRun.Outcome;
import io.recant.ml.unlearn.UnlearningResult.Stop;
import java.util.List;
import java.util.SplittableRandom;

/** Trains on, on the retain set only: what was bad is left to fade. */
public final class FineTune implements UnlearningMethod<FineTune.Settings> {

  /** Defaults for small models. */
  public record Settings(
      @Setting(
              value = "steps over the retain set",
              defaultValue = "{epochs: 5, batch_size: 64, learning_rate: 0.0005}")
          OptimizationSettings training,
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

  static final int HELD_BACK_LIMIT = 2000;

  @Override
  public String name() {
    return "finetune";
  }

  @Override
  public String summary() {
    return "Goes on training on the retain set alone; the weakest forgetting, and the safest.";
  }

  @Override
  public String source() {
    return "Golatkar et al., 2020, CVPR: Eternal Sunshine of the Spotless Net (its baseline)";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public UnlearningResult unlearn(Settings settings, UnlearningTask task) {
    OptimizationSettings training = settings.training();
    HeldBack retain = HeldBack.every(task.retain(), settings.holdBackEvery(), HELD_BACK_LIMIT);
    SplittableRandom seeds = new SplittableRandom(task.seed());
    long total =
        training.epochs() * Minibatches.count(retain.training().count(), training.batchSize());
    try (TrainingRun run = task.run(training, total)) {
      HeldBackLoss judge = new HeldBackLoss(run, task, retain.examples(), settings.tolerance());
      judge.settled();
      for (int epoch = 0; epoch < training.epochs(); epoch++) {
        try (Minibatches batches =
            Minibatches.shuffled(
                retain.training(),
                training.batchSize(),
                training.shuffleBuffer(),
                seeds.nextLong())) {
          while (batches.hasNext()) {
            if (run.steps() >= task.limits().maxSteps()) {
              return new UnlearningResult(run.steps(), Stop.STEP_LIMIT);
            }
            if (run.step(epoch, List.of(term(batches.next(), task))) == Outcome.NOT_FINITE) {
              return UnlearningResult.notFinite(run);
            }
          }
        }
        if (judge.settled()) {
          return new UnlearningResult(run.steps(), Stop.RETAIN_SETTLED);
        }
      }
      return new UnlearningResult(run.steps(), Stop.COMPLETED);
    }
  }

  private Term term(Minibatch minibatch, UnlearningTask task) {
    return new Term(
        Term.Role.RETAIN,
        1,
        minibatch,
        Term.Mean.TOKENS,
        (part, batch, dropout) -> {
          NDArray loss = RetainTerm.loss(batch, batch.mask(), task.model().logits(batch));
          return new Term.Value(loss, loss);
        });
  }
}
