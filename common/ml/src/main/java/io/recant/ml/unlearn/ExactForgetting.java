package io.recant.ml.unlearn;

/**
 * Draws the last layers anew and trains them on the retain set only: what was bad is gone from
 * them, and stays in the others (EU-k).
 */
public final class ExactForgetting implements UnlearningMethod<LastLayersSettings> {

  @Override
  public String name() {
    return "eu-k";
  }

  @Override
  public String summary() {
    return "Draws the last layers anew and trains them on the retain set; the others stay as they are.";
  }

  @Override
  public String source() {
    return "Goel et al., 2022: Towards Adversarial Evaluations for Inexact Machine Unlearning";
  }

  @Override
  public Class<LastLayersSettings> settings() {
    return LastLayersSettings.class;
  }

  @Override
  public UnlearningResult unlearn(LastLayersSettings settings, UnlearningTask task) {
    try (LastLayers last = new LastLayers(task.model(), settings.layers())) {
      FreshWeights.mixInto(last, 0, task.seed(), name());
      return new FineTune().unlearn(settings.tuning(), task.withModel(last));
    }
  }
}
