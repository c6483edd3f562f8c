package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.core.config.Setting;
import io.recant.ml.data.HeldBack;
import io.recant.ml.data.Minibatch;
import io.recant.ml.data.Minibatches;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Batch;
import io.recant.ml.train.Optimization;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.StepLoss;
import io.recant.ml.unlearn.UnlearningResult.Stop;
import java.util.Optional;
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
    HeldBackLoss judge =
        new HeldBackLoss(
            task.model(), retain.examples(), settings.tolerance(), task.limits().evaluationBatch());
    judge.settled();
    SplittableRandom seeds = new SplittableRandom(task.seed());
    long total =
        training.epochs() * Minibatches.count(retain.training().count(), training.batchSize());
    try (Optimization optimization =
        new Optimization(
            task.model().parameters(),
            training,
            Math.min(total, task.limits().maxSteps()),
            task.nanoClock())) {
      for (int epoch = 0; epoch < training.epochs(); epoch++) {
        try (Minibatches batches =
            Minibatches.shuffled(
                retain.training(),
                training.batchSize(),
                training.shuffleBuffer(),
                seeds.nextLong())) {
          while (batches.hasNext()) {
            if (optimization.steps() >= task.limits().maxSteps()) {
              return new UnlearningResult(optimization.steps(), Stop.STEP_LIMIT);
            }
            Minibatch minibatch = batches.next();
            task.log().accept(optimization.step(epoch, scope -> loss(minibatch, task, scope)));
          }
        }
        if (judge.settled()) {
          return new UnlearningResult(optimization.steps(), Stop.RETAIN_SETTLED);
        }
      }
      return new UnlearningResult(optimization.steps(), Stop.COMPLETED);
    }
  }

  private StepLoss loss(Minibatch minibatch, UnlearningTask task, NDManager scope) {
    Batch batch = task.model().encode(minibatch.examples(), scope);
    NDArray logits = task.model().logits(batch);
    NDArray loss = TokenLoss.mean(logits, batch.labels(), batch.mask(), batch.weights());
    return new StepLoss(loss, Optional.empty(), Optional.of(loss), batch.mask());
  }
}
