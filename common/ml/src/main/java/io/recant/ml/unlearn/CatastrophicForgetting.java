package io.recant.ml.unlearn;

/** Trains the last layers on, on the retain set only: what was bad is left to fade there (CF-k). */
public final class CatastrophicForgetting implements UnlearningMethod<LastLayersSettings> {

  @Override
  public String name() {
    return "cf-k";
  }

  @Override
  public String summary() {
    return "Goes on training the last layers on the retain set; the others stay as they are.";
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
      return new FineTune().unlearn(settings.tuning(), task.withModel(last));
    }
  }
}
