package io.recant.ml.causal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.causal.ReferenceDecoder.Pairs;
import io.recant.ml.device.Devices;
import io.recant.ml.loss.TokenLoss;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderTest {

  private static final long[] IDS = {2, 7, 4, 11, 3, 3, 9};

  @ParameterizedTest
  @CsvSource({"4,4,true", "4,2,true", "4,1,false"})
  void logitsAreThoseOfThePlainImplementation(int heads, int keyValueHeads, boolean tied) {
    LlamaConfig config = config(heads, keyValueHeads, tied);
    Map<String, float[]> weights = weights(config);
    double[][] expected = new ReferenceDecoder(config, Pairs.HALVES, weights).logits(IDS);
    try (GradMode off = GradMode.inference();
        NDManager manager = Devices.manager(TestDevice.get())) {
      float[] actual = logits(config, arrays(config, weights, manager), IDS).toFloatArray();
      for (int t = 0; t < IDS.length; t++) {
        for (int v = 0; v < config.vocabularySize(); v++) {
          assertThat((double) actual[t * config.vocabularySize() + v])
              .isCloseTo(expected[t][v], within(1e-4));
        }
      }
    }
  }

  @Test
  void laterTokensAndPaddingChangeNothingBeforeThem() {
    LlamaConfig config = config(4, 2, true);
    long[] other = IDS.clone();
    other[5] = 8;
    other[6] = 0;
    try (GradMode off = GradMode.inference();
        NDManager manager = Devices.manager(TestDevice.get())) {
      Map<String, NDArray> arrays = arrays(config, weights(config), manager);
      float[] first = logits(config, arrays, IDS).toFloatArray();
      float[] second = logits(config, arrays, other).toFloatArray();
      int seen = 5 * config.vocabularySize();
      for (int i = 0; i < seen; i++) {
        assertThat(second[i]).isCloseTo(first[i], within(1e-6f));
      }
      assertThat(second[seen]).isNotCloseTo(first[seen], within(1e-3f));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.layers.0.self_attn.k_proj.weight",
        "model.layers.1.mlp.gate_proj.weight",
        "model.layers.0.input_layernorm.weight",
        "model.embed_tokens.weight"
      })
  void gradientsAreThoseOfFiniteDifferences(String name) {
    LlamaConfig config = config(4, 2, true);
    Map<String, float[]> weights = weights(config);
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      Map<String, NDArray> arrays = arrays(config, weights, manager);
      float[] gradient;
      try (GradMode on = GradMode.training()) {
        Autograd.track(List.of(arrays.get(name)));
        NDArray labels = manager.create(new long[] {7, 4, 11, 3, 3, 9, 1}, new Shape(1, 7));
        NDArray logs = TokenLoss.logProbabilities(logits(config, arrays, IDS), labels);
        Autograd.backward(logs.sum().neg());
        gradient = Autograd.gradient(arrays.get(name), manager).toFloatArray();
      }
      double step = 1e-3;
      float[] values = weights.get(name);
      for (int i = 3; i < values.length; i += values.length / 5 + 1) {
        float before = values[i];
        values[i] = (float) (before + step);
        double up = loss(config, weights);
        values[i] = (float) (before - step);
        double down = loss(config, weights);
        values[i] = before;
        assertThat((double) gradient[i])
            .as("%s[%d]", name, i)
            .isCloseTo((up - down) / (2 * step), within(2e-3));
      }
    }
  }

  /** In double precision, where a difference of two losses still has digits. */
  private static double loss(LlamaConfig config, Map<String, float[]> weights) {
    double[][] logits = new ReferenceDecoder(config, Pairs.HALVES, weights).logits(IDS);
    long[] labels = {7, 4, 11, 3, 3, 9, 1};
    double loss = 0;
    for (int t = 0; t < labels.length; t++) {
      double total = 0;
      for (double logit : logits[t]) {
        total += Math.exp(logit);
      }
      loss += Math.log(total) - logits[t][(int) labels[t]];
    }
    return loss;
  }

  private static NDArray logits(LlamaConfig config, Map<String, NDArray> arrays, long[] ids) {
    Decoder decoder = config.decoder();
    NDManager manager = arrays.get(LlamaDecoder.NORM).getManager();
    NDArray hidden =
        decoder.hidden(
            arrays::get, manager.create(ids, new Shape(1, ids.length)), Context.whole(ids.length));
    return decoder.logits(arrays::get, hidden);
  }

  private static LlamaConfig config(int heads, int keyValueHeads, boolean tied) {
    return LlamaConfig.plain(
        13, new CausalSettings(16, 24, 2, heads, keyValueHeads, 32, tied), 2, 4, 0);
  }

  /** Large enough that attention and gates are far from linear. */
  private static Map<String, float[]> weights(LlamaConfig config) {
    Random random = new Random(5);
    Map<String, float[]> weights = new LinkedHashMap<>();
    config
        .decoder()
        .shapes()
        .forEach(
            (name, shape) -> {
              float[] values = new float[(int) shape.size()];
              for (int i = 0; i < values.length; i++) {
                values[i] = (float) (0.4 * random.nextGaussian() + (name.contains("norm") ? 1 : 0));
              }
              weights.put(name, values);
            });
    return weights;
  }

  private static Map<String, NDArray> arrays(
      LlamaConfig config, Map<String, float[]> weights, NDManager manager) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    config
        .decoder()
        .shapes()
        .forEach((name, shape) -> arrays.put(name, manager.create(weights.get(name), shape)));
    return arrays;
  }
}
