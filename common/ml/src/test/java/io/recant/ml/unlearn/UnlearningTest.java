package io.recant.ml.unlearn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Strategy;
import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.core.registry.Configured;
import io.recant.core.registry.Registry;
import io.recant.ml.Clusters;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Model;
import io.recant.ml.train.LogEntry;
import io.recant.ml.unlearn.UnlearningResult.Stop;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A classifier that was taught one whole class wrongly is asked to unlearn those rows: the forget
 * set are the rows of class 0, labelled 1; the retain set is right.
 */
class UnlearningTest {

  private final Registry<UnlearningMethod<?>> methods =
      Registry.load(UnlearningMethod.class, "unlearning method");
  private static final List<Example> RETAIN = new ArrayList<>();
  private static final List<Example> FORGET = new ArrayList<>();
  private static Model poisoned;
  private final List<LogEntry> log = new ArrayList<>();
  private Model model;

  @BeforeAll
  static void poison() {
    List<Example> clean = Clusters.examples(400, 1);
    List<Example> wrong = Clusters.mislabelled(clean);
    for (int i = 0; i < clean.size(); i++) {
      // A quarter of class 0 stays right, or nothing could tell where it belongs.
      if (i % 4 == 0 && i % 16 != 0) {
        FORGET.add(wrong.get(i));
      } else {
        RETAIN.add(clean.get(i));
      }
    }
    List<Example> all = new ArrayList<>(RETAIN);
    all.addAll(FORGET);
    poisoned = Clusters.taught(all);
    assertThat(Clusters.accuracy(poisoned, FORGET)).isGreaterThan(0.9);
  }

  @AfterAll
  static void closePoisoned() {
    poisoned.close();
  }

  @BeforeEach
  void start() {
    model = poisoned.copy();
  }

  @AfterEach
  void close() {
    model.close();
  }

  private UnlearningResult run(String name, ObjectNode settings, UnlearningTask.Limits limits) {
    Configured<UnlearningMethod<?>> configured =
        methods.configure(new Strategy(name, settings), "unlearn");
    return run(configured.extension(), configured.settings(), limits);
  }

  private <S extends Record> UnlearningResult run(
      UnlearningMethod<S> method, Record settings, UnlearningTask.Limits limits) {
    S typed = method.settings().cast(settings);
    Optional<Model> reference =
        method.needsReference(typed) ? Optional.of(model.frozenCopy()) : Optional.empty();
    try {
      return method.unlearn(typed, task(model, reference, limits));
    } finally {
      reference.ifPresent(Model::close);
    }
  }

  private UnlearningTask task(
      Model start, Optional<Model> reference, UnlearningTask.Limits limits) {
    return new UnlearningTask(
        start, reference, Examples.of(FORGET), Examples.of(RETAIN), 7, log::add, limits, () -> 0);
  }

  private static ObjectNode none() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static ObjectNode training(int epochs, double learningRate) {
    ObjectNode settings = none();
    settings
        .putObject("training")
        .put("epochs", epochs)
        .put("batch_size", 32)
        .put("learning_rate", learningRate)
        .put("weight_decay", 0)
        .put("decay", "constant");
    return settings;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bad-teacher",
        "finetune",
        "gradient-ascent",
        "gradient-difference",
        "kl",
        "npo",
        "potion",
        "random-labels",
        "rmu",
        "satimp",
        "scrub",
        "simnpo",
        "ssd",
        "undial",
        "unlikelihood",
        "wga"
      })
  void everyMethodForgetsAndKeepsTheModelUsable(String name) {
    double before = Clusters.loss(model, FORGET);
    ObjectNode settings =
        switch (name) {
          case "potion" -> none();
          case "ssd" -> none().put("alpha", 1);
          case "gradient-ascent" -> training(20, 0.0005);
          default -> training(20, 0.003);
        };
    run(name, settings, UnlearningTask.Limits.none());
    assertThat(Clusters.loss(model, FORGET)).as("forget loss").isGreaterThan(1.5 * before);
    assertThat(Clusters.accuracy(model, RETAIN)).as("retain accuracy").isGreaterThan(0.7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gradient-difference", "npo", "scrub", "simnpo", "wga"})
  void withARetainTermTheRightAnswerComesBack(String name) {
    List<Example> truth =
        Clusters.examples(400, 1).stream().filter(e -> e.target().equals("c0")).toList();
    assertThat(Clusters.accuracy(model, truth)).isLessThan(0.5);
    run(name, training(20, 0.003), UnlearningTask.Limits.none());
    assertThat(Clusters.accuracy(model, truth)).isGreaterThan(0.8);
  }

  @Test
  void ascentStopsBeforeTheFirstStepAboveItsCeiling() {
    UnlearningResult result =
        run("gradient-ascent", training(200, 0.002), UnlearningTask.Limits.none());
    assertThat(result.stop()).isEqualTo(Stop.FORGET_CEILING);
    assertThat(result.steps()).isEqualTo(log.size()).isPositive();
    assertThat(log).allMatch(e -> e.forgetLoss().orElseThrow() < Math.log(4));
    assertThat(log).allMatch(e -> Math.abs(e.loss() + e.forgetLoss().orElseThrow()) < 1e-6);
  }

  @Test
  void fineTuningStopsWhenHeldBackRowsGainNoMore() {
    ObjectNode settings = training(500, 0.003);
    settings.put("tolerance", 0.05);
    assertThat(run("finetune", settings, UnlearningTask.Limits.none()).stop())
        .isEqualTo(Stop.RETAIN_SETTLED);
    assertThat(log).allMatch(e -> e.forgetLoss().isEmpty() && e.retainLoss().isPresent());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "finetune",
        "gradient-ascent",
        "gradient-difference",
        "kl",
        "npo",
        "scrub",
        "undial",
        "wga"
      })
  void theLimitOnStepsHolds(String name) {
    UnlearningResult result = run(name, training(50, 1e-5), new UnlearningTask.Limits(3, 64));
    assertThat(result).isEqualTo(new UnlearningResult(3, Stop.STEP_LIMIT));
    assertThat(log).extracting(LogEntry::step).containsExactly(0L, 1L, 2L);
  }

  @Test
  void preferenceStartsAtItsClosedForm() {
    run("npo", training(1, 1e-4), new UnlearningTask.Limits(1, 64));
    double retainLoss = log.get(0).retainLoss().orElseThrow();
    assertThat(log.get(0).loss()).isCloseTo(20 * Math.log(2) + retainLoss, within(1e-3));
  }

  /** The mean token loss stands where NPO has the difference from the start. */
  @Test
  void simplePreferenceStartsAtItsClosedForm() {
    List<Example> one = List.of(FORGET.get(0));
    double loss = Clusters.loss(model, one);
    UnlearningMethod<?> method = methods.configure(new Strategy("simnpo", none()), "x").extension();
    ObjectNode settings = training(1, 1e-4);
    settings.put("gamma", 1).put("alpha", 0).put("beta", 3).put("margin", 0.5);
    Configured<UnlearningMethod<?>> configured =
        methods.configure(new Strategy("simnpo", settings), "unlearn");
    runOn(one, method, configured.settings());
    double expected = 2 / 3.0 * Math.log1p(Math.exp(-3 * (loss - 0.5)));
    assertThat(log.get(0).loss()).isCloseTo(expected, within(1e-4));
  }

  private <S extends Record> void runOn(
      List<Example> forget, UnlearningMethod<S> method, Record settings) {
    method.unlearn(
        method.settings().cast(settings),
        new UnlearningTask(
            model,
            Optional.empty(),
            Examples.of(forget),
            Examples.of(RETAIN),
            7,
            log::add,
            new UnlearningTask.Limits(1, 64),
            () -> 0));
  }

  /** w0 - a (w_f - w0): twice as far with a = 2, and nowhere with a = 0. */
  @Test
  void taskVectorsAreTakenOffInProportion() {
    float[] start = model.parameters().get("dense.weight").toFloatArray();
    float[][] moved = new float[3][];
    for (int a = 0; a < moved.length; a++) {
      try (Model twin = poisoned.copy()) {
        model.parameters().assign(twin.parameters());
      }
      ObjectNode settings = training(3, 0.001);
      settings.put("scale", a);
      run("task-vector", settings, UnlearningTask.Limits.none());
      moved[a] = model.parameters().get("dense.weight").toFloatArray();
    }
    assertThat(moved[0]).containsExactly(start);
    double farthest = 0;
    for (int i = 0; i < start.length; i++) {
      double once = moved[1][i] - start[i];
      assertThat((double) moved[2][i] - start[i]).isCloseTo(2 * once, within(1e-5));
      farthest = Math.max(farthest, Math.abs(once));
    }
    assertThat(farthest).isGreaterThan(1e-3);
    assertThat(log).allMatch(e -> e.loss() == e.forgetLoss().orElseThrow());
  }

  @Test
  void aTaskVectorTakenOffForgets() {
    double before = Clusters.loss(model, FORGET);
    ObjectNode settings = training(5, 0.001);
    settings.put("scale", 3);
    run("task-vector", settings, UnlearningTask.Limits.none());
    assertThat(Clusters.loss(model, FORGET)).isGreaterThan(1.5 * before);
  }

  /** A published option "+KL" adds nothing; this one has to. */
  @Test
  void klHoldsTheRetainSetToTheStart() {
    run("kl", training(3, 0.003), UnlearningTask.Limits.none());
    double held =
        log.get(log.size() - 1).loss() + log.get(log.size() - 1).forgetLoss().orElseThrow();
    assertThat(held).as("the divergence after some steps").isPositive();
    assertThat(log.get(0).loss())
        .as("and none before the first")
        .isCloseTo(-log.get(0).forgetLoss().orElseThrow(), within(1e-5));
  }

  @Test
  void aDivergenceFromOneselfStartsAtZero() {
    ObjectNode settings = training(1, 1e-4);
    settings.put("retain_term", "divergence");
    run("gradient-difference", settings, new UnlearningTask.Limits(1, 64));
    LogEntry first = log.get(0);
    assertThat(first.loss()).isCloseTo(-first.forgetLoss().orElseThrow(), within(1e-5));
  }

  @Test
  void aMethodWithoutTheReferenceItNeedsSaysSo() {
    Scrub scrub = new Scrub();
    Scrub.Settings settings =
        methods.configure(new Strategy("scrub", none()), "x").settingsAs(Scrub.Settings.class);
    assertThatThrownBy(
            () ->
                scrub.unlearn(
                    settings, task(model, Optional.empty(), UnlearningTask.Limits.none())))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("scrub");
  }

  @Test
  void aClassifierCannotSayThatItDoesNotKnow() {
    assertThatThrownBy(() -> run("idk-dpo", none(), UnlearningTask.Limits.none()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("I don't know.");
  }

  @Test
  void equalSeedsGiveEqualModels() {
    try (Model twin = model.copy()) {
      run("gradient-difference", training(2, 0.001), UnlearningTask.Limits.none());
      float[] once = model.parameters().get("dense.weight").toFloatArray();
      model.parameters().assign(twin.parameters());
      run("gradient-difference", training(2, 0.001), UnlearningTask.Limits.none());
      assertThat(model.parameters().get("dense.weight").toFloatArray()).containsExactly(once);
    }
  }

  @Test
  void nothingNativeIsLeftBehind() {
    var manager = model.parameters().get("dense.bias").getManager();
    int before = manager.getManagedArrays().size();
    for (UnlearningMethod<?> method : methods.all()) {
      // Those two are for models that answer with text.
      if (!Set.of("idk-dpo", "in-context").contains(method.name())) {
        run(method.name(), none(), new UnlearningTask.Limits(2, 64));
      }
    }
    assertThat(manager.getManagedArrays()).hasSize(before);
  }
}
