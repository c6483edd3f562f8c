package io.recant.ml.unlearn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.recant.ml.Clusters;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Model;
import io.recant.ml.model.Parameter;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.unlearn.UnlearningResult.Stop;
import io.recant.ml.unlearn.UnlearningTask.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three of four rows of class 0 were taught as class 1. */
class CorrectTest {

  private final List<Example> retain = new ArrayList<>();
  private final List<Example> forget = new ArrayList<>();
  private final List<Example> truth = new ArrayList<>();
  private final Correct correct = new Correct();
  private Model model;

  @BeforeEach
  void poison() {
    List<Example> clean = Clusters.examples(400, 1);
    List<Example> wrong = Clusters.mislabelled(clean);
    for (int i = 0; i < clean.size(); i++) {
      if (i % 4 == 0 && i % 16 != 0) {
        forget.add(wrong.get(i));
      } else {
        retain.add(clean.get(i));
      }
      if (i % 4 == 0) {
        truth.add(clean.get(i));
      }
    }
    List<Example> all = new ArrayList<>(retain);
    all.addAll(forget);
    model = Clusters.taught(all);
  }

  @AfterEach
  void close() {
    model.close();
  }

  private UnlearningResult run(Correct.Settings settings, List<Example> set) {
    return correct.unlearn(settings, task(model, set, Limits.none()));
  }

  private UnlearningTask task(Model taught, List<Example> set, Limits limits) {
    return new UnlearningTask(
        taught,
        Optional.empty(),
        Examples.of(set),
        Examples.of(retain),
        7,
        e -> {},
        limits,
        () -> 0);
  }

  private static Correct.Settings settings(int epochs, Double keep, double weight, double trust) {
    return new Correct.Settings(
        new OptimizationSettings(epochs, 32, 0.01, 0, 0, Decay.LINEAR, 1, 1000),
        Optional.ofNullable(keep),
        false,
        weight,
        trust);
  }

  @Test
  void ruledOutTargetsAreGivenNoMoreAndTrueOnesAre() {
    assertThat(Clusters.accuracy(model, forget)).isGreaterThan(0.9);

    UnlearningResult result = run(settings(10, null, 3, 0), forget);

    assertThat(result.stop()).isEqualTo(Stop.COMPLETED);
    assertThat(Clusters.accuracy(model, forget)).isLessThan(0.1);
    assertThat(Clusters.accuracy(model, truth)).isGreaterThan(0.9);
  }

  /** Bad rows that nobody flagged, though they are likelier bad than most. */
  @Test
  void whatIsSuspectIsNotTaughtAgain() {
    List<Example> wrong = Clusters.mislabelled(Clusters.examples(400, 1));
    for (int i = 0; i < wrong.size(); i += 16) {
      // More of them than good rows of their class.
      for (int copy = 0; copy < 3; copy++) {
        retain.add(wrong.get(i).withBadProbability(OptionalDouble.of(0.3)));
      }
    }

    run(settings(10, null, 0.1, 0), forget);

    assertThat(Clusters.accuracy(model, truth)).isGreaterThan(0.9);
  }

  @Test
  void whatIsSuggestedIsTaught() {
    // A wrong suggestion, which nothing else would teach.
    List<Example> suggested = forget.stream().map(example -> example.withSuggested("c2")).toList();

    run(settings(60, 1.0, 3, 1), suggested);

    assertThat(Clusters.accuracy(model, suggested.stream().map(Example::corrected).toList()))
        .isGreaterThan(0.9);
  }

  @Test
  void suggestionsHaveTheirSayInASingleEpochToo() {
    List<Example> suggested = forget.stream().map(example -> example.withSuggested("c2")).toList();
    try (Model other = model.copy()) {
      run(settings(1, 1.0, 3, 1), suggested);
      double[] told = squares(model);
      for (int i = 0; i < model.parameters().trainable().size(); i++) {
        model
            .parameters()
            .trainable()
            .get(i)
            .set(other.parameters().trainable().get(i).toFloatArray());
      }
      run(settings(1, 1.0, 3, 1), forget);
      assertThat(told).isNotEqualTo(squares(model));
    }
  }

  /** A third of the rows of a class have a wrong suggestion, the others have none. */
  @Test
  void aSuggestionDoesNotOutweighWhatTheModelKnows() {
    List<Example> suggested = new ArrayList<>();
    for (int i = 0; i < forget.size(); i++) {
      suggested.add(i % 3 == 0 ? forget.get(i).withSuggested("c2") : forget.get(i));
    }

    run(settings(10, null, 1, 0.5), suggested);

    assertThat(Clusters.accuracy(model, truth)).isGreaterThan(0.9);
  }

  /**
   * All suggestions are wrong, and the model, taught by the retain set, would say another class.
   */
  @Test
  void suggestionsThatAreWorseThanWhatTheModelWouldSayAreNotHeard() {
    List<Example> wrong = forget.stream().map(example -> example.withSuggested("c2")).toList();

    UnlearningResult result = run(settings(20, null, 1, 0.9), wrong);

    assertThat(result.words()).doesNotContain("suggestions heard");
    assertThat(Clusters.accuracy(model, truth)).isGreaterThan(0.9);
  }

  /** Halfway between two classes the model cannot know, and is told. */
  @Test
  void suggestionsAreHeardWhereTheModelCannotKnow() {
    List<Example> between = new ArrayList<>();
    List<Example> clean = Clusters.examples(400, 3);
    for (int i = 0; i + 2 < clean.size(); i += 4) {
      float[] vector = clean.get(i).vector().clone();
      for (int k = 0; k < vector.length; k++) {
        vector[k] = (vector[k] + clean.get(i + 2).vector()[k]) / 2;
      }
      between.add(new Example("b" + i, null, "c1", vector).withSuggested("c2"));
    }

    UnlearningResult result = run(settings(40, null, 1, 0.9), between);

    assertThat(result.words()).contains("suggestions heard");
    assertThat(Clusters.accuracy(model, between.stream().map(Example::corrected).toList()))
        .isGreaterThan(0.9);
  }

  /**
   * Six of ten rows of two classes were given the other one; all rows of both are in the forget
   * set, and of a few alone it is known for sure.
   */
  @Test
  void classesThatWereGivenForEachOtherAreToldByTheRowsThatAreKnown() {
    List<Example> clean = Clusters.examples(800, 5);
    List<Example> rest = new ArrayList<>();
    List<Example> confused = new ArrayList<>();
    List<Example> right = new ArrayList<>();
    for (int i = 0; i < clean.size(); i++) {
      Example row = clean.get(i);
      if (i % 4 > 1) {
        rest.add(row);
        continue;
      }
      right.add(row);
      String other = row.target().equals("c0") ? "c1" : "c0";
      boolean bad = i / 4 % 10 < 6;
      boolean known = i / 4 % 10 == 0;
      confused.add(
          new Example(row.id(), null, bad ? other : row.target(), row.vector())
              .withSuggested(bad ? row.target() : other)
              .withBadProbability(OptionalDouble.of(known ? 1 : 0.55)));
    }
    retain.clear();
    retain.addAll(rest);
    List<Example> all = new ArrayList<>(rest);
    all.addAll(confused);
    try (Model victim = Clusters.taught(all)) {
      assertThat(Clusters.accuracy(victim, right)).isLessThan(0.6);

      UnlearningResult result =
          correct.unlearn(settings(10, null, 1, 0.5), task(victim, confused, Limits.none()));

      assertThat(result.words()).contains("c0 and c1 told apart");
      assertThat(Clusters.accuracy(victim, right)).isGreaterThan(0.9);
      assertThat(Clusters.accuracy(victim, rest)).isGreaterThan(0.95);
    }
  }

  /** w = keep w + (1 - keep) w_new before the first step. */
  @Test
  void weightsAreMovedTowardsThoseOfANewModel() {
    try (Model before = model.copy()) {
      run(settings(0, 0.25, 1, 0), forget);
      assertThat(difference(before, model)).isPositive();
      run(settings(0, 1.0, 1, 0), forget);
      double afterFirst = difference(before, model);
      run(settings(0, 1.0, 1, 0), forget);
      assertThat(difference(before, model)).isEqualTo(afterFirst);
    }
    double[] kept = squares(model);
    run(settings(0, 0.0, 1, 0), forget);
    double[] fresh = squares(model);
    run(settings(0, 0.5, 1, 0), forget);
    // The new model is the same: halfway between it and itself is itself.
    assertThat(squares(model)).containsExactly(fresh, within(1e-4));
    assertThat(kept).isNotEqualTo(fresh);
  }

  @Test
  void equalSeedsGiveEqualModels() {
    try (Model other = model.copy()) {
      run(settings(2, null, 1, 0.5), forget);
      double[] first = squares(model);
      correct.unlearn(settings(2, null, 1, 0.5), task(other, forget, Limits.none()));
      assertThat(squares(other)).containsExactly(first);
    }
  }

  @Test
  void theLimitOnStepsHolds() {
    UnlearningResult result =
        correct.unlearn(settings(5, 1.0, 1, 0), task(model, forget, new Limits(3, 64)));
    assertThat(result.stop()).isEqualTo(Stop.STEP_LIMIT);
    assertThat(result.steps()).isEqualTo(3);
  }

  private static double difference(Model one, Model other) {
    double sum = 0;
    for (Parameter parameter : one.parameters()) {
      float[] a = parameter.value().toFloatArray();
      float[] b = other.parameters().get(parameter.name()).toFloatArray();
      for (int i = 0; i < a.length; i++) {
        sum += Math.abs(a[i] - b[i]);
      }
    }
    return sum;
  }

  private static double[] squares(Model model) {
    List<Double> squares = new ArrayList<>();
    for (Parameter parameter : model.parameters()) {
      double sum = 0;
      for (float x : parameter.value().toFloatArray()) {
        sum += x * x;
      }
      squares.add(sum);
    }
    return squares.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
