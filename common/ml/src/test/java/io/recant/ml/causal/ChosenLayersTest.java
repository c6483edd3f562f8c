package io.recant.ml.causal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.ConfigException;
import io.recant.ml.TaughtLanguageModel;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Parameter;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Training;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChosenLayersTest {

  @TempDir Path directory;

  @Test
  void onlyTheChosenLayerIsTrained() throws Exception {
    CausalModel taught = (CausalModel) TaughtLanguageModel.of(directory, "tall");
    Map<String, float[]> before = new HashMap<>();
    taught.parameters().forEach(p -> before.put(p.name(), p.value().toFloatArray()));
    try (CausalModel chosen = ChosenLayers.of(taught, Set.of(2))) {
      Training.run(
          chosen,
          Examples.of(TaughtLanguageModel.FORGET),
          new OptimizationSettings(3, 1, 0.01, 0, 0, Decay.CONSTANT, 1, 10),
          1,
          entry -> {},
          () -> 0);
      for (Parameter parameter : chosen.parameters()) {
        boolean changed =
            !Arrays.equals(parameter.value().toFloatArray(), before.get(parameter.name()));
        assertThat(changed)
            .as(parameter.name())
            .isEqualTo(parameter.name().startsWith("model.layers.1."));
      }
    }
  }

  @Test
  void aModelHasNoOtherLayersThanItsOwn() throws Exception {
    try (CausalModel taught = (CausalModel) TaughtLanguageModel.of(directory, "tall")) {
      for (int layer : List.of(0, 3)) {
        assertThatThrownBy(() -> ChosenLayers.of(taught, Set.of(layer)))
            .isInstanceOf(ConfigException.class)
            .hasMessageContaining("layer " + layer)
            .hasMessageContaining("1 to 2");
      }
    }
  }
}
