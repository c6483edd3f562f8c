package io.recant.ml.causal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Parameter;
import io.recant.ml.model.Parameters;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RandomParametersTest {

  /** Nothing explodes and nothing is silent, whatever the architecture. */
  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama", "llama3", "mistral", "qwen2", "qwen3"})
  void firstLogitsVaryByOneOrTwo(String architecture) throws IOException {
    DecoderConfig config = config(architecture);
    try (GradMode off = GradMode.inference();
        NDManager manager = Devices.manager(TestDevice.get())) {
      Parameters parameters = RandomParameters.draw(config.decoder(), 3, manager);
      for (Parameter parameter : parameters) {
        if (parameter.value().getShape().dimension() == 1) {
          assertThat(parameter.value().toFloatArray())
              .as(parameter.name())
              .containsOnly(parameter.name().endsWith(".bias") ? 0 : 1);
        }
      }
      NDArray ids = manager.create(new long[] {2, 7, 4, 11, 3, 3, 9}, new Shape(1, 7));
      NDArray hidden = config.decoder().hidden(parameters::get, ids, Context.whole(7));
      NDArray logits = config.decoder().logits(parameters::get, hidden);
      double deviation = Math.sqrt(logits.sub(logits.mean()).square().mean().getFloat());
      assertThat(deviation).isBetween(0.5, 3.0);
    }
  }

  /** GPT-2 keeps its projections as (inputs, outputs). */
  @ParameterizedTest
  @CsvSource({
    "transformer.h.0.attn.c_attn.weight,false",
    "transformer.h.0.mlp.c_fc.weight,false",
    "transformer.h.1.mlp.c_proj.weight,true"
  })
  void deviationsGoByTheInputs(String name, boolean writesResidual) throws IOException {
    Gpt2Config config = (Gpt2Config) config("gpt2");
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      NDArray matrix = RandomParameters.draw(config.decoder(), 3, manager).get(name);
      double expected = 1 / Math.sqrt(matrix.getShape().get(0));
      if (writesResidual) {
        expected /= Math.sqrt(2.0 * config.layers());
      }
      double found = Math.sqrt(matrix.square().mean().getFloat());
      assertThat(found).isCloseTo(expected, withinPercentage(15));
    }
  }

  private static DecoderConfig config(String architecture) throws IOException {
    String file = "/decoders/" + architecture + "/config.json";
    try (InputStream json = RandomParametersTest.class.getResourceAsStream(file)) {
      return Architecture.read(new ObjectMapper().readTree(json), file);
    }
  }
}
