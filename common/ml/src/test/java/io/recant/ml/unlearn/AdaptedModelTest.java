package io.recant.ml.unlearn;

import static io.recant.ml.TaughtLanguageModel.FORGET;
import static io.recant.ml.TaughtLanguageModel.RETAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.recant.core.config.Strategy;
import io.recant.core.error.ConfigException;
import io.recant.core.registry.Configured;
import io.recant.core.registry.Registry;
import io.recant.ml.TaughtLanguageModel;
import io.recant.ml.causal.CausalModel;
import io.recant.ml.causal.LoraAdapters;
import io.recant.ml.causal.LoraSettings;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Likelihood;
import io.recant.ml.model.Model;
import io.recant.ml.model.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Methods know nothing of adapters, and change nothing but them. */
class AdaptedModelTest {

  private final Registry<UnlearningMethod<?>> methods =
      Registry.load(UnlearningMethod.class, "unlearning method");

  @TempDir Path directory;
  private Model model;

  @BeforeEach
  void teach() throws Exception {
    CausalModel taught = (CausalModel) TaughtLanguageModel.of(directory, "I don't know.");
    LoraSettings settings = new LoraSettings(4, 8, List.of("q_proj", "v_proj", "down_proj"));
    model = LoraAdapters.attach(taught, settings, 5);
  }

  @AfterEach
  void close() {
    model.close();
  }

  @Test
  void everyMethodLeavesTheBaseAsItIs() throws Exception {
    List<float[]> base = values(model, false);
    List<float[]> adapters = values(model, true);
    for (UnlearningMethod<?> method : methods.all()) {
      if (method.name().equals("eu-k")) {
        continue; // It draws weights anew, and of adapters there are no new ones.
      }
      try (Model copy = model.copy()) {
        unlearn(copy, method.name(), "{}", new UnlearningTask.Limits(3, 64));
        assertThat(equal(values(copy, false), base)).as(method.name()).isTrue();
        // Dampening scales what is there, and B is zero as long as nothing was trained; a prompt
        // changes no weight.
        boolean unchanged = Set.of("ssd", "potion", "in-context").contains(method.name());
        assertThat(equal(values(copy, true), adapters)).as(method.name()).isEqualTo(unchanged);
      }
    }
  }

  @Test
  void adaptersCannotBeDrawnAnew() {
    for (String asked : List.of("eu-k: {}", "correct: {keep: 0.5}")) {
      String[] parts = asked.split(": ", 2);
      assertThatThrownBy(() -> unlearn(model, parts[0], parts[1], new UnlearningTask.Limits(3, 64)))
          .isInstanceOf(ConfigException.class)
          .hasMessageContainingAll(parts[0], "adapter");
    }
  }

  @Test
  void adaptersAloneForgetATarget() throws Exception {
    double kept = logProbability(RETAIN);
    double known = logProbability(FORGET);
    unlearn(
        model,
        "npo",
        "{training: {epochs: 30, batch_size: 3, learning_rate: 0.01, weight_decay: 0}}",
        UnlearningTask.Limits.none());
    assertThat(logProbability(FORGET)).isLessThan(known - 5);
    assertThat(logProbability(RETAIN)).isGreaterThan(kept - 1);
  }

  private double logProbability(List<Example> examples) {
    return Likelihood.of(model, examples, 4).stream()
        .mapToDouble(Likelihood.Row::logProbability)
        .average()
        .orElseThrow();
  }

  private void unlearn(Model start, String name, String yaml, UnlearningTask.Limits limits)
      throws Exception {
    ObjectMapper mapper = new ObjectMapper(new YAMLFactory());
    unlearn(
        methods.configure(new Strategy(name, (ObjectNode) mapper.readTree(yaml)), "unlearn"),
        start,
        limits);
  }

  @SuppressWarnings("unchecked")
  private static <S extends Record> void unlearn(
      Configured<UnlearningMethod<?>> method, Model start, UnlearningTask.Limits limits) {
    try (Model reference = start.frozenCopy()) {
      ((UnlearningMethod<S>) method.extension())
          .unlearn(
              (S) method.settings(),
              new UnlearningTask(
                  start,
                  Optional.of(reference),
                  Examples.of(FORGET),
                  Examples.of(RETAIN),
                  7,
                  entry -> {},
                  limits,
                  () -> 0));
    }
  }

  private static List<float[]> values(Model model, boolean trainable) {
    List<float[]> values = new ArrayList<>();
    for (Parameter parameter : model.parameters()) {
      if (parameter.trainable() == trainable) {
        values.add(parameter.value().toFloatArray());
      }
    }
    return values;
  }

  private static boolean equal(List<float[]> one, List<float[]> other) {
    assertThat(one).hasSameSizeAs(other).isNotEmpty();
    return IntStream.range(0, one.size()).allMatch(i -> Arrays.equals(one.get(i), other.get(i)));
  }
}
