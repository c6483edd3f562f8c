package io.recant.core.label;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TrainingDynamicsTest {

  @Test
  void momentsAndForgettingsAreThoseOfTheEpochs() {
    TrainingDynamics dynamics =
        TrainingDynamics.of(new float[] {0.25f, 0.75f, 0.25f, 0.75f}, new float[] {-1, 2, 0, 3});
    assertThat(dynamics.areaUnderMargin()).isEqualTo(1, within(1e-9));
    assertThat(dynamics.confidence()).isEqualTo(0.5, within(1e-9));
    assertThat(dynamics.variability()).isEqualTo(0.25, within(1e-9));
    assertThat(dynamics.forgettings()).isEqualTo(1);
    assertThat(dynamics.marginLost()).isEqualTo(1 / (1 + Math.E), within(1e-9));
    assertThat(dynamics.hardToLearn()).isEqualTo(0.25, within(1e-9));
  }

  @Test
  void aLabelThatIsNeverLearnedIsWorseThanOneThatIsAndThanAnAmbiguousOne() {
    float[] margin = {-3, -3};
    TrainingDynamics never = TrainingDynamics.of(new float[] {0.1f, 0.1f}, margin);
    TrainingDynamics ambiguous = TrainingDynamics.of(new float[] {0, 0.8f}, new float[] {-2, 1});
    TrainingDynamics learned = TrainingDynamics.of(new float[] {0.9f, 1}, new float[] {3, 5});
    assertThat(never.hardToLearn()).isGreaterThan(ambiguous.hardToLearn());
    assertThat(ambiguous.hardToLearn()).isGreaterThan(learned.hardToLearn());
    assertThat(never.marginLost()).isGreaterThan(0.9);
    assertThat(learned.marginLost()).isLessThan(0.1);
  }

  @Test
  void epochsHaveBothNumbersAndThereIsOneAtLeast() {
    assertThatThrownBy(() -> TrainingDynamics.of(new float[0], new float[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TrainingDynamics.of(new float[1], new float[2]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
