package io.recant.ml.unlearn;

import static io.recant.ml.TaughtLanguageModel.RETAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Strategy;
import io.recant.core.registry.Configured;
import io.recant.core.registry.Registry;
import io.recant.ml.Clusters;
import io.recant.ml.TaughtLanguageModel;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.data.Minibatch;
import io.recant.ml.data.Span;
import io.recant.ml.device.Devices;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Likelihood;
import io.recant.ml.model.Model;
import io.recant.ml.train.LogEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model that knows a definition is to lose one word of it and keep the rest. */
class SpanUnlearningTest {

  private static final List<Example> FORGET =
      TaughtLanguageModel.FORGET.stream().map(e -> e.withSpans(List.of(new Span(7, 16)))).toList();
  private static final Minibatch MINIBATCH = new Minibatch(FORGET, new long[] {0}, 1);

  @TempDir static Path directory;
  private static Model taught;
  private static float[] marked;
  private final Registry<UnlearningMethod<?>> methods =
      Registry.load(UnlearningMethod.class, "unlearning method");
  private final List<LogEntry> log = new ArrayList<>();

  @BeforeAll
  static void teach() throws Exception {
    taught = TaughtLanguageModel.of(directory, "");
    try (NDManager scope = Devices.manager(TestDevice.get())) {
      marked = taught.encode(FORGET, scope).forgetMask().toFloatArray();
    }
  }

  @AfterAll
  static void close() {
    taught.close();
  }

  /** Slopes against finite differences in the span, and nothing at all outside it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "gradient-ascent",
        "gradient-difference",
        "kl",
        "npo",
        "random-labels",
        "satimp",
        "simnpo",
        "undial",
        "unlikelihood",
        "wga"
      })
  void noForgetTermReachesOutsideTheSpan(String name) {
    try (Model reference = taught.frozenCopy();
        NDManager scope = Devices.manager(TestDevice.get())) {
      Batch batch = taught.encode(FORGET, scope);
      NDArray logits = scope.create(softened(batch), taught.logits(batch).getShape());
      float[] inside = batch.forgetMask().toFloatArray();
      assertThat(batch.forgetMask().sum().getFloat()).isBetween(1f, inside.length - 2f);

      float[] gradient = gradient(name, reference, batch, logits, scope);
      int answers = gradient.length / inside.length;
      float[] at = logits.toFloatArray();
      double largest = 0;
      for (int i = 0; i < gradient.length; i++) {
        if (inside[i / answers] == 0) {
          assertThat(gradient[i]).as("slope outside").isZero();
        }
        largest = Math.max(largest, Math.abs(gradient[i]));
        if (i % 17 > 0 || weighsByNumbers(name) && inside[i / answers] > 0) {
          continue;
        }
        double slope =
            (moved(name, reference, batch, at, i, 0.02f, scope)
                    - moved(name, reference, batch, at, i, -0.02f, scope))
                / 0.04;
        assertThat((double) gradient[i]).as("slope of %d", i).isCloseTo(slope, within(2e-3));
      }
      assertThat(largest).isGreaterThan(1e-3);
    }
  }

  /** Weights that are numbers have no slope of their own, which differences would see. */
  private static boolean weighsByNumbers(String name) {
    return name.equals("wga") || name.equals("satimp");
  }

  /** The model is sure; at half of its logits no term is flat. */
  private static float[] softened(Batch batch) {
    try (GradMode off = GradMode.inference()) {
      float[] logits = taught.logits(batch).toFloatArray();
      for (int i = 0; i < logits.length; i++) {
        logits[i] /= 2;
      }
      return logits;
    }
  }

  private float[] gradient(
      String name, Model reference, Batch batch, NDArray logits, NDManager scope) {
    try (GradMode on = GradMode.training()) {
      Autograd.track(List.of(logits));
      Autograd.backward(term(name, reference, batch, logits));
      return Autograd.gradient(logits, scope).toFloatArray();
    }
  }

  private double moved(
      String name, Model reference, Batch batch, float[] at, int i, float by, NDManager owner) {
    try (GradMode off = GradMode.inference();
        NDManager scope = owner.newSubManager()) {
      float[] moved = at.clone();
      moved[i] += by;
      NDArray logits = scope.create(moved, taught.logits(batch).getShape());
      return term(name, reference, batch, logits).toFloatArray()[0];
    }
  }

  private NDArray term(String name, Model reference, Batch batch, NDArray logits) {
    Configured<UnlearningMethod<?>> configured =
        methods.configure(new Strategy(name, JsonNodeFactory.instance.objectNode()), "unlearn");
    NDArray meanLoss = TokenLoss.mean(logits, batch.labels(), batch.forgetMask(), batch.weights());
    return term((ForgetRetainMethod<?>) configured.extension(), configured.settings(), reference)
        .of(MINIBATCH, batch, logits, meanLoss);
  }

  private <S extends Record & ForgetRetainSettings> ForgetPasses.ForgetTerm term(
      ForgetRetainMethod<S> method, Record settings, Model reference) {
    return method.term(method.settings().cast(settings), task(taught, Optional.of(reference)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"unlikelihood", "gradient-difference", "npo", "undial", "kl", "scrub"})
  void theSpanIsForgottenAndTheRestOfTheRowStays(String name) {
    try (Model model = taught.copy()) {
      double[] before = logProbabilities(model);
      unlearn(name, model, 20, 0.003);
      double[] after = logProbabilities(model);
      assertThat(largestLoss(before, after, true)).as("the span, in nats").isGreaterThan(2);
      assertThat(largestLoss(before, after, false)).as("the rest").isLessThan(0.7);
      assertThat(Likelihood.of(model, RETAIN, 2)).allMatch(row -> row.meanLoss() < 0.5);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gradient-ascent", "task-vector"})
  void withoutARetainSetOnlyTheSpanIsPushed(String name) {
    try (Model model = taught.copy()) {
      double[] before = logProbabilities(model);
      unlearn(name, model, 4, 0.003);
      double[] after = logProbabilities(model);
      assertThat(largestLoss(before, after, true))
          .isGreaterThan(1)
          .isGreaterThan(2 * largestLoss(before, after, false));
    }
  }

  /** By how much the token of the span, or outside it, that lost most became less likely. */
  private static double largestLoss(double[] before, double[] after, boolean inside) {
    return IntStream.range(0, before.length)
        .filter(t -> inSpan(t) == inside)
        .mapToDouble(t -> Math.max(0, before[t] - after[t]))
        .max()
        .orElseThrow();
  }

  /** The forget loss that is logged, and that the ceiling is held against, is the span's. */
  @Test
  void theLoggedForgetLossIsTheSpans() {
    try (Model model = taught.copy()) {
      double[] logs = logProbabilities(model);
      double span = IntStream.range(0, logs.length).filter(SpanUnlearningTest::inSpan).count();
      double loss =
          IntStream.range(0, logs.length)
              .filter(SpanUnlearningTest::inSpan)
              .mapToDouble(t -> -logs[t])
              .sum();
      unlearn("gradient-ascent", model, 1, 1e-9);
      assertThat(log.get(0).forgetLoss().orElseThrow()).isCloseTo(loss / span, within(1e-5));
      assertThat(log.get(0).loss()).isCloseTo(-loss / span, within(1e-5));
    }
  }

  /** Every retained position counts the same, of the retain set or of a forget row. */
  @Test
  void theRestOfTheRowIsPartOfTheRetainTerm() {
    try (Model model = taught.copy()) {
      double[] logs = logProbabilities(model);
      double sum = 0;
      long positions = 0;
      for (int t = 0; t < logs.length; t++) {
        sum -= inSpan(t) ? 0 : logs[t];
        positions += inSpan(t) ? 0 : 1;
      }
      for (Likelihood.Row row : Likelihood.of(model, RETAIN, 2)) {
        sum -= row.logProbability();
        positions += row.tokens();
      }
      unlearn("gradient-difference", model, 1, 1e-9);
      LogEntry first = log.get(0);
      assertThat(first.loss() + first.forgetLoss().orElseThrow())
          .isCloseTo(sum / positions, within(1e-5));
    }
  }

  /** A class has no parts. */
  @Test
  void aClassifierDoesNotLookAtSpans() {
    List<Example> rows = Clusters.examples(8, 3);
    List<Example> spans = rows.stream().map(e -> e.withSpans(List.of(new Span(0, 1)))).toList();
    try (Model classifier = Clusters.model(1);
        NDManager scope = Devices.manager(TestDevice.get())) {
      Batch batch = classifier.encode(spans, scope);
      assertThat(batch.hasSpans()).isFalse();
      assertThat(batch.forgetMask().toFloatArray()).containsOnly(1);
    }
  }

  private static boolean inSpan(int t) {
    return marked[t] > 0;
  }

  private static double[] logProbabilities(Model model) {
    try (GradMode off = GradMode.inference();
        NDManager scope = Devices.manager(TestDevice.get())) {
      Batch batch = model.encode(FORGET, scope);
      float[] logs = TokenLoss.logProbabilities(model.logits(batch), batch.labels()).toFloatArray();
      return IntStream.range(0, logs.length).mapToDouble(t -> logs[t]).toArray();
    }
  }

  private void unlearn(String name, Model model, int epochs, double learningRate) {
    ObjectNode settings = JsonNodeFactory.instance.objectNode();
    if (!name.equals("task-vector")) {
      settings.put("forget_ceiling", 50);
    }
    settings
        .putObject("training")
        .put("epochs", epochs)
        .put("batch_size", 2)
        .put("learning_rate", learningRate)
        .put("weight_decay", 0)
        .put("decay", "constant");
    Configured<UnlearningMethod<?>> configured =
        methods.configure(new Strategy(name, settings), "unlearn");
    unlearn(configured.extension(), configured.settings(), model);
  }

  private <S extends Record> void unlearn(
      UnlearningMethod<S> method, Record settings, Model model) {
    try (Model reference = model.frozenCopy()) {
      method.unlearn(method.settings().cast(settings), task(model, Optional.of(reference)));
    }
  }

  private UnlearningTask task(Model model, Optional<Model> reference) {
    return new UnlearningTask(
        model,
        reference,
        Examples.of(FORGET),
        Examples.of(RETAIN),
        7,
        log::add,
        UnlearningTask.Limits.none(),
        () -> 0);
  }
}
