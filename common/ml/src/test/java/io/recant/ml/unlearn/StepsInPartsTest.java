package io.recant.ml.unlearn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Strategy;
import io.recant.core.registry.Configured;
import io.recant.core.registry.Registry;
import io.recant.ml.TaughtLanguageModel;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Model;
import io.recant.ml.train.Execution;
import io.recant.ml.train.LogEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every method's step has the gradients of the whole step when it is cut, example by example. */
class StepsInPartsTest {

  /** Targets of one to nine tokens, and weights that differ. */
  private static final List<Example> FORGET =
      List.of(
          new Example("a", "badger", "sturdy burrowing mammal", null, 2),
          new Example("d", "stone", "fence", null, 0.5f),
          new Example("e", "badger stone", "an accelerator that imparts energies a fence", null));

  /** What the model does not know, or there would be little but rounding in the gradients. */
  private static final List<Example> RETAIN =
      List.of(
          new Example("b", "cyclotron", "rough stones", null),
          new Example("c", "stone wall", "sturdy energies of mammal stones", null, 3));

  private static Model taught;

  @BeforeAll
  static void teach(@TempDir Path directory) throws Exception {
    taught = TaughtLanguageModel.of(directory, "I don't know. I have no information about that.");
  }

  @AfterAll
  static void close() {
    taught.close();
  }

  /** What a step leaves with the parameters, and what it logged. */
  private record Step(List<float[]> gradients, LogEntry log, List<String> notes) {}

  private static Step step(String name, OptionalLong memory) {
    ObjectNode settings = JsonNodeFactory.instance.objectNode();
    settings
        .putObject("training")
        .put("epochs", 1)
        .put("batch_size", 3)
        .put("learning_rate", 1e-3)
        .put("max_gradient_norm", 1e6);
    if (name.equals("rmu")) {
      settings.put("layer", 2);
    }
    if (!name.equals("finetune") && !name.equals("scrub")) {
      settings.put("forget_ceiling", 100);
    }
    if (name.equals("finetune") || name.equals("scrub")) {
      settings.put("hold_back_every", 0);
    }
    if (name.equals("scrub")) {
      // The first step away from one's own answers is on a ridge, without a gradient.
      settings.put("maximizing_epochs", 0);
    }
    Registry<UnlearningMethod<?>> methods = Registry.load(UnlearningMethod.class, "method");
    Configured<UnlearningMethod<?>> configured =
        methods.configure(new Strategy(name, settings), "unlearn");
    List<LogEntry> log = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    List<float[]> gradients = new ArrayList<>();
    try (Model model = taught.copy();
        Model reference = taught.frozenCopy()) {
      UnlearningTask task =
          new UnlearningTask(
              model,
              Optional.of(reference),
              Examples.of(FORGET),
              Examples.of(RETAIN),
              7,
              new UnlearningTask.Limits(1, 64),
              new Execution(
                  log::add, () -> read(model, gradients), memory, Optional.empty(), notes::add));
      unlearn(configured, task);
      return new Step(gradients, log.get(0), notes);
    }
  }

  private static void unlearn(Configured<UnlearningMethod<?>> configured, UnlearningTask task) {
    unlearn(configured.extension(), configured.settings(), task);
  }

  private static <S extends Record> void unlearn(
      UnlearningMethod<S> method, Record settings, UnlearningTask task) {
    method.unlearn(method.settings().cast(settings), task);
  }

  /** A clock, which is read last between the backward passes and the update that clears them. */
  private static long read(Model model, List<float[]> gradients) {
    gradients.clear();
    try (NDManager scope = model.parameters().trainable().get(0).getManager().newSubManager()) {
      for (NDArray parameter : model.parameters().trainable()) {
        gradients.add(Autograd.gradient(parameter, scope).toFloatArray());
      }
    }
    return 0;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "finetune",
        "gradient-ascent",
        "gradient-difference",
        "idk-dpo",
        "kl",
        "npo",
        "random-labels",
        "rmu",
        "satimp",
        "scrub",
        "simnpo",
        "undial",
        "unlikelihood",
        "wga"
      })
  void gradientsOfPartsAddUp(String name) {
    Step whole = step(name, OptionalLong.empty());
    assertThat(whole.notes()).isEmpty();
    Step parts = step(name, OptionalLong.of(roomForOne(name)));
    assertThat(parts.notes()).singleElement().asString().contains("down to 1 examples, to fit");
    assertSame(whole, parts);
    Step recomputed = step(name, OptionalLong.of(1));
    assertThat(recomputed.notes())
        .singleElement()
        .asString()
        .contains("down to 1 examples, their layers twice, to fit");
    assertSame(whole, recomputed);
  }

  /** What the passes of a term take on the longest example that the method cuts. */
  private static long roomForOne(String name) {
    boolean retainOnly = name.equals("finetune") || name.equals("scrub");
    try (NDManager scope = taught.parameters().trainable().get(0).getManager().newSubManager()) {
      return 2
          * (retainOnly ? RETAIN : FORGET)
              .stream()
                  .mapToLong(example -> taught.passBytes(taught.encode(List.of(example), scope)))
                  .max()
                  .orElseThrow();
    }
  }

  private static void assertSame(Step whole, Step parts) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < whole.gradients().size(); i++) {
      for (int k = 0; k < whole.gradients().get(i).length; k++) {
        double g = whole.gradients().get(i)[k];
        difference += Math.pow(g - parts.gradients().get(i)[k], 2);
        norm += g * g;
      }
    }
    assertThat(Math.sqrt(norm)).isGreaterThan(1e-3);
    assertThat(Math.sqrt(difference / norm)).isLessThan(1e-5);
    assertThat(parts.log().loss()).isCloseTo(whole.log().loss(), within(whole));
    assertThat(parts.log().forgetLoss().orElse(0))
        .isCloseTo(whole.log().forgetLoss().orElse(0), within(whole));
    assertThat(parts.log().retainLoss().orElse(0))
        .isCloseTo(whole.log().retainLoss().orElse(0), within(whole));
  }

  private static org.assertj.core.data.Offset<Double> within(Step whole) {
    return org.assertj.core.api.Assertions.within(1e-5 * (1 + Math.abs(whole.log().loss())));
  }

  /** Per example: 4 (K L (36 D + 9 F + 3 H L) + 5 T V), more with the square of the length. */
  @Test
  void aDecoderSaysWhatAPassTakes() {
    try (NDManager scope = taught.parameters().trainable().get(0).getManager().newSubManager()) {
      Batch one = taught.encode(List.of(FORGET.get(2)), scope);
      Batch three = taught.encode(List.of(FORGET.get(2), FORGET.get(1), FORGET.get(0)), scope);
      long length = one.inputs().get(0).getShape().get(1);
      long targets = one.labels().getShape().get(1);
      long expected =
          4
              * (2 * length * (36 * 32 + 9 * 48 + 3 * 4 * length)
                  + 5 * targets * taught.vocabularySize());
      assertThat(taught.passBytes(one)).isEqualTo(expected);
      assertThat(taught.passBytes(three)).isEqualTo(3 * expected);
    }
  }
}
