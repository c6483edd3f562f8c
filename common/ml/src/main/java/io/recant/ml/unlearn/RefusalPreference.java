package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import io.recant.core.config.Setting;
import io.recant.core.error.ConfigException;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.loss.NegativePreference;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Batch;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Direct preference of "I don't know" over the forget target. With L the negative log-likelihood of
 * a whole answer, L0 that of the frozen start, l the forget target and w the refusal,
 *
 * <pre>-(2/b) log sigma(b ((L_l - L0_l) - (L_w - L0_w)))</pre>
 *
 * <p>For models that answer with text: a classifier has no class that says so.
 */
public final class RefusalPreference extends ForgetRetainMethod<RefusalPreference.Settings> {

  /** Defaults for small models; for a billion parameters a learning rate near 1e-5. */
  public record Settings(
      @Setting(
              value = TRAINING,
              defaultValue =
                  "{epochs: 10, batch_size: 32, learning_rate: 0.0005, weight_decay: 0,"
                      + " decay: constant}")
          OptimizationSettings training,
      @Setting(
              value = "how soon the push fades as the refusal gains; larger fades sooner",
              defaultValue = "0.1",
              min = 1e-6)
          double beta,
      @Setting(
              value = "What to answer instead, in turn",
              defaultValue =
                  "[\"I don't know.\", I have no information about that., \"I'm not sure.\"]")
          List<String> answers,
      @Setting(value = GAMMA, defaultValue = "1", min = 0) double gamma,
      @Setting(value = ALPHA, defaultValue = "1", min = 0) double alpha,
      @Setting(value = RETAIN_TERM, defaultValue = "likelihood") RetainTerm retainTerm,
      @Setting(value = CEILING, defaultValue = "null") Optional<Double> forgetCeiling)
      implements ForgetRetainSettings {

    public Settings {
      if (answers.isEmpty()) {
        throw new ConfigException("idk-dpo: answers: there has to be one");
      }
    }
  }

  @Override
  public String name() {
    return "idk-dpo";
  }

  @Override
  public String summary() {
    return "Teaches the model to prefer 'I don't know' to the forget targets; for models that answer"
        + " with text.";
  }

  @Override
  public String source() {
    return "Rafailov et al., 2023, NeurIPS: Direct Preference Optimization; Maini et al., 2024:"
        + " TOFU";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  /** A refusal stands in the place of a whole answer: spans are not looked at. */
  @Override
  Examples forget(UnlearningTask task) {
    return task.forget().map((example, place) -> example.withSpans(List.of()));
  }

  @Override
  Term.Mean mean() {
    return Term.Mean.EXAMPLES;
  }

  @Override
  ForgetPasses.ForgetTerm term(Settings settings, UnlearningTask task) {
    List<String> answers = settings.answers();
    StartingLosses losing = StartingLosses.of(task, task.forget());
    StartingLosses winning =
        StartingLosses.of(task, task.forget().map((e, place) -> refused(e, place, answers)));
    return (minibatch, batch, logits, meanLoss) -> {
      List<Example> refused = new ArrayList<>(minibatch.size());
      for (int i = 0; i < minibatch.size(); i++) {
        refused.add(refused(minibatch.examples().get(i), minibatch.positions()[i], answers));
      }
      Batch refusals = task.model().encode(refused, logits.getManager());
      NDArray said = task.model().logits(refusals);
      NDArray loss = TokenLoss.sequence(logits, batch.labels(), batch.mask());
      NDArray refusal = TokenLoss.sequence(said, refusals.labels(), refusals.mask());
      NDArray start =
          losing.of(minibatch, logits.getManager()).sub(winning.of(minibatch, logits.getManager()));
      return NegativePreference.perExample(loss.sub(refusal), start, settings.beta())
          .mul(batch.weights())
          .mean();
    };
  }

  private static Example refused(Example example, long place, List<String> answers) {
    return new Example(
            example.id(),
            example.input(),
            answers.get((int) (place % answers.size())),
            example.vector(),
            example.weight())
        .withImage(example.image());
  }
}
