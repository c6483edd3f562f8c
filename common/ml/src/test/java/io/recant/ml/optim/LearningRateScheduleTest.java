package io.recant.ml.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.recant.ml.optim.LearningRateSchedule.Decay;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {

  @Test
  void warmsUpThenFallsInALine() {
    var schedule = new LearningRateSchedule(Decay.LINEAR, 1, 4, 12);
    assertThat(schedule.at(0)).isEqualTo(0.25);
    assertThat(schedule.at(3)).isEqualTo(1);
    assertThat(schedule.at(4)).isEqualTo(1);
    assertThat(schedule.at(8)).isEqualTo(0.5);
    assertThat(schedule.at(12)).isZero();
    assertThat(schedule.at(100)).isZero();
  }

  @Test
  void cosineIsHalfWayAtTheMiddle() {
    var schedule = new LearningRateSchedule(Decay.COSINE, 2, 0, 8);
    assertThat(schedule.at(0)).isEqualTo(2);
    assertThat(schedule.at(2)).isCloseTo(1 + Math.sqrt(0.5), within(1e-12));
    assertThat(schedule.at(4)).isCloseTo(1, within(1e-12));
    assertThat(schedule.at(8)).isCloseTo(0, within(1e-12));
  }

  @Property
  void neverAboveThePeakAndNeverRisesAfterWarmUp(
      @ForAll Decay decay,
      @ForAll @IntRange(max = 20) int warmup,
      @ForAll @IntRange(min = 1, max = 50) int total) {
    var schedule = new LearningRateSchedule(decay, 0.7, warmup, total);
    for (int step = 0; step < total; step++) {
      assertThat(schedule.at(step)).isBetween(0.0, 0.7);
      if (step >= warmup) {
        assertThat(schedule.at(step + 1)).isLessThanOrEqualTo(schedule.at(step));
      } else {
        assertThat(schedule.at(step)).isPositive();
      }
    }
  }
}
