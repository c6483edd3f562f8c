package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.core.config.Setting;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.autograd.Scalars;
import io.recant.ml.causal.CausalModel;
import io.recant.ml.model.Model;
import io.recant.ml.model.Parameter;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Term;
import java.util.Optional;

/**
 * Goes the other way: a copy learns the forget set still better, and what changed in it is taken
 * off, {@code w = w0 - a (w_f - w0)}. The retain set is not read.
 */
public final class TaskVectorNegation implements UnlearningMethod<TaskVectorNegation.Settings> {

  /** Defaults for small models; for a billion parameters a learning rate near 1e-5. */
  public record Settings(
      @Setting(
              value = "steps of the copy over the forget set",
              defaultValue =
                  "{epochs: 5, batch_size: 32, learning_rate: 0.0005, weight_decay: 0,"
                      + " decay: constant}")
          OptimizationSettings training,
      @Setting(
              value = "a, how far to go the other way; published from 1 to 16",
              defaultValue = "1",
              min = 0)
          double scale)
      implements ForgetOnlySettings {

    /** The copy is to learn: nothing stops it. */
    @Override
    public Optional<Double> forgetCeiling() {
      return Optional.of(Double.POSITIVE_INFINITY);
    }
  }

  @Override
  public String name() {
    return "task-vector";
  }

  @Override
  public String summary() {
    return "Subtracts what learning the forget set once more would add to the weights; reads no"
        + " retain set.";
  }

  @Override
  public String source() {
    return "Ilharco et al., 2023, ICLR: Editing Models with Task Arithmetic";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public UnlearningResult unlearn(Settings settings, UnlearningTask task) {
    try (Model learner = task.model().copy()) {
      UnlearningResult result =
          new ForgetPasses(task.withModel(learner), settings)
              .run(
                  (minibatch, batch, logits, meanLoss) -> meanLoss,
                  Term.Mean.TOKENS,
                  (batch, mask, logits) ->
                      settings.retainTerm().of(batch, mask, logits.get(), task, name()));
      negate(task.model(), learner, settings.scale());
      return result;
    }
  }

  private static void negate(Model model, Model learner, double scale) {
    if (model instanceof CausalModel own
        && learner instanceof CausalModel learned
        && own.adapters().isPresent()) {
      own.adapters().get().negate(learned.adapters().orElseThrow(), scale);
    } else {
      negateWeights(model, learner, scale);
    }
  }

  private static void negateWeights(Model model, Model learner, double scale) {
    try (GradMode off = GradMode.inference()) {
      for (Parameter parameter : model.parameters()) {
        try (NDManager scope = parameter.value().getManager().newSubManager()) {
          NDArray start = parameter.value();
          NDArray learned = learner.parameters().get(parameter.name());
          NDArray vector = learned.sub(start);
          vector.attach(scope);
          NDArray scaled = Scalars.times(vector, scale);
          scaled.attach(scope);
          start.subi(scaled);
        }
      }
    }
  }
}
