package io.recant.ml.unlearn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import io.recant.ml.Clusters;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.data.Minibatch;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class CandidateTargetsTest {

  private final Example row = Clusters.examples(1, 1).get(0);

  private double[] candidates(CandidateTargets targets, double trust, Example example) {
    try (Model model = Clusters.model(1);
        NDManager manager = Devices.manager(model.device())) {
      Minibatch part = new Minibatch(List.of(example), new long[] {0}, 0);
      float[] logs =
          targets.logs(trust, model, part, model.encode(part.examples(), manager)).toFloatArray();
      double[] c = new double[logs.length];
      for (int i = 0; i < c.length; i++) {
        c[i] = Math.exp(logs[i]);
      }
      return c;
    }
  }

  private Example given(String target, String suggested, double bad) {
    return new Example("e", null, target, row.vector())
        .withSuggested(suggested)
        .withBadProbability(OptionalDouble.of(bad));
  }

  /** Rows of two classes that were given for each other. */
  private List<Example> confused(double bad) {
    List<Example> rows = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      rows.add(given("c1", "c2", bad));
      rows.add(given("c2", "c1", bad));
    }
    return rows;
  }

  @Test
  void theGivenTargetIsRuledOutAndTheSuggestedOneLikelier() {
    CandidateTargets alone = CandidateTargets.ofRowsAlone();
    assertThat(candidates(alone, 0.4, given("c1", "c2", 0.7)))
        .containsExactly(new double[] {0.2, 0, 0.6, 0.2}, within(1e-6));
    assertThat(candidates(alone, 0.4, given("c1", null, 0.7)))
        .containsExactly(new double[] {1 / 3.0, 0, 1 / 3.0, 1 / 3.0}, within(1e-6));
  }

  @Test
  void ofClassesThatWereGivenForEachOtherARowIsEither() {
    List<Example> forget = confused(1);
    for (int i = 0; i < 6; i++) {
      forget.add(given("c3", i % 2 == 0 ? "c1" : "c2", 1));
    }
    CandidateTargets targets = CandidateTargets.of(Examples.of(forget), 4);

    for (double trust : new double[] {0, 0.5}) {
      // Whatever is suggested for the row itself.
      assertThat(candidates(targets, trust, given("c1", "c0", 0.7)))
          .containsExactly(new double[] {0, 0.3, 0.7, 0}, within(1e-6));
      assertThat(candidates(targets, trust, given("c2", null, 1)))
          .containsExactly(new double[] {0, 1, 0, 0}, within(1e-6));
    }
  }

  @Test
  void amongRetainRowsThoseOfConfusedClassesAreInDoubtToo() {
    List<Example> forget = confused(0.8);
    CandidateTargets targets = CandidateTargets.of(Examples.of(forget), 4);
    assertThat(targets.areConfused()).isTrue();
    Minibatch retain =
        new Minibatch(
            List.of(
                given("c1", null, 0.1),
                given("c3", null, 0.4),
                new Example("u", null, "c2", row.vector())),
            new long[] {7, 9, 11},
            3);
    Minibatch some =
        new Minibatch(
            List.of(
                forget.get(0), given("c3", "c0", 0.7), new Example("v", null, "c1", row.vector())),
            new long[] {0, 1, 2},
            4);

    List<Example> joined = targets.joined(retain, some, 0.5).examples();

    assertThat(joined).extracting(Example::weight).containsExactly(0.9f, 1f, 1f, 0.4f, 0.5f, 0.5f);
    double[][] expected = {
      {0, 0.9, 0.1, 0},
      {0, 0, 0, 1},
      {0, 0, 1, 0},
      {0, 0.2, 0.8, 0},
      {0.6, 0.2, 0.2, 0},
      {0, 0, 1, 0}
    };
    for (int i = 0; i < expected.length; i++) {
      assertThat(candidates(targets, 0.4, joined.get(i)))
          .containsExactly(expected[i], within(1e-6));
    }
  }

  @Test
  void retainRowsThatAreLikelierBadThanOneDrawnBlindlyHardlyCount() {
    List<Example> forget = confused(1);
    CandidateTargets targets = CandidateTargets.of(Examples.of(forget), 4);
    Minibatch retain =
        new Minibatch(
            List.of(
                given("c3", null, 0.03).withWeight(2),
                given("c3", null, 0.02),
                new Example("u", null, "c0", row.vector()),
                given("c1", null, 0.4)),
            new long[] {7, 9, 11, 13},
            3);

    Minibatch trusted = targets.trusted(retain, 0.025);

    assertThat(trusted.examples()).extracting(Example::weight).containsExactly(0.002f, 1f, 1f, 1f);
    assertThat(trusted.positions()).containsExactly(7, 9, 11, 13);
    assertThat(trusted.seed()).isEqualTo(3);
  }
}
