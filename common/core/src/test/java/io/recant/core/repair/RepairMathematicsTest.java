package io.recant.core.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.recant.core.repair.RelabelThreshold.Cell;
import io.recant.core.stats.Interval;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class RepairMathematicsTest {

  /** By hand: 30 errors, 20 of them to class 1, 10 of these from class 0. */
  @Test
  void liftsClassesThatAreGivenForAnother() {
    ClassLift lift = lift(new int[][] {{0, 1, 10}, {2, 1, 10}, {1, 0, 10}});
    double base = 20.0 / 30;

    double[] of = lift.of(1);

    assertThat(of[0]).isCloseTo(Math.log((10 + 20 * base) / 30 / base), within(1e-12));
    assertThat(of[2]).isEqualTo(of[0]);
    assertThat(of[1]).isCloseTo(Math.log(20 * base / 30 / base), within(1e-12));
    double less = 19.0 / 29;
    assertThat(lift.without(0, 1)[0])
        .isCloseTo(Math.log((9 + 20 * less) / 29 / less), within(1e-12));
  }

  @Test
  void liftsNothingWhereNothingIsKnown() {
    assertThat(new ClassLift(3).of(1)).containsOnly(0);
    assertThat(lift(new int[][] {{0, 1, 1}}).without(0, 1)).containsOnly(0);
    assertThat(lift(new int[][] {{0, 1, 5}}).of(2)).containsOnly(0);
  }

  @Test
  void calibratesByShares() {
    SuggestionCalibration.Counts counts = new SuggestionCalibration.Counts();
    for (int i = 0; i < 100; i++) {
      counts.add(0.2, i < 10, 1);
      counts.add(0.8, i < 90, 1);
    }
    SuggestionCalibration calibration = SuggestionCalibration.of(counts);

    assertThat(calibration.at(0.2)).isCloseTo(10.5 / 101, within(1e-12));
    assertThat(calibration.at(0.8)).isCloseTo(90.5 / 101, within(1e-12));
    assertThat(calibration.at(0.5)).isCloseTo(50.5 / 101, within(1e-12));
    assertThat(calibration.at(0)).isEqualTo(calibration.at(0.2));
    assertThat(calibration.at(1)).isEqualTo(calibration.at(0.8));
    assertThat(calibration.knownFrom(0.5)).isEqualTo(100);
    assertThat(calibration.knownFrom(0.2)).isEqualTo(200);
  }

  /** A strength of s is right s^2 of the time: calibration has to find that out. */
  @Test
  void calibratesWhatIsOverconfident() {
    Random random = new Random(11);
    SuggestionCalibration.Counts counts = new SuggestionCalibration.Counts();
    for (int i = 0; i < 20000; i++) {
      double s = random.nextDouble();
      counts.add(s, random.nextDouble() < s * s, 0.5);
    }
    SuggestionCalibration calibration = SuggestionCalibration.of(counts);

    assertThat(counts.total()).isCloseTo(10000, within(1e-9));
    for (double s = 0.05; s < 1; s += 0.1) {
      assertThat(calibration.at(s)).isCloseTo(s * s, within(0.06));
      assertThat(calibration.at(s)).isGreaterThanOrEqualTo(calibration.at(s - 0.05));
    }
  }

  @Test
  void onlyCertainSuggestionsAreNeverQuiteCertain() {
    SuggestionCalibration.Counts counts = new SuggestionCalibration.Counts();
    counts.add(1, true, 1);
    assertThat(SuggestionCalibration.of(counts).at(1)).isEqualTo(0.75);
  }

  @Test
  void putsInAsManyAsKeepThePrecision() {
    List<Cell> cells = List.of(new Cell(0.5, 10), new Cell(0.95, 10), new Cell(0.85, 10));

    assertThat(RelabelThreshold.of(cells, 0.96)).isEmpty();
    assertThat(RelabelThreshold.of(cells, 0.95)).hasValue(0.95);
    assertThat(RelabelThreshold.of(cells, 0.9)).hasValue(0.85);
    assertThat(RelabelThreshold.of(cells, 0.7)).hasValue(0.5);
    assertThat(RelabelThreshold.of(List.of(), 0.7)).isEmpty();
  }

  /** Acc2 = Acc1 CL + (1 - Acc1) CS. */
  @Property
  void accuracyAfterIsWhatClAndCsMakeIt(
      @ForAll @DoubleRange(min = 0.1, max = 1e4) double kept,
      @ForAll @DoubleRange(min = 0, max = 1e3) double spoilt,
      @ForAll @DoubleRange(min = 0.1, max = 1e3) double fixed,
      @ForAll @DoubleRange(min = 0, max = 1e3) double left) {
    Relabelling r = new Relabelling(kept, spoilt, fixed, left, spoilt + fixed);

    assertThat(r.after()).isCloseTo(r.before() * r.cl() + (1 - r.before()) * r.cs(), within(1e-9));
    r.expected(new Interval(1, 0.9, 1.1), new Interval(1, 0.9, 1.05), new Interval(0.1, 0.08, 0.13))
        .forEach(
            (measure, s) -> {
              assertThat(s.interval().lower())
                  .as(measure)
                  .isBetween(0.0, s.interval().value() + 1e-12);
              assertThat(s.interval().upper())
                  .as(measure)
                  .isBetween(s.interval().value() - 1e-12, 1.0);
            });
  }

  @Test
  void countsByHand() {
    Map<String, Relabelling.Share> shares = new Relabelling(880, 20, 60, 40, 90).counted();

    assertThat(value(shares, "repair_precision")).isCloseTo(60.0 / 90, within(1e-12));
    assertThat(value(shares, "CL")).isCloseTo(880.0 / 900, within(1e-12));
    assertThat(value(shares, "CS")).isCloseTo(0.6, within(1e-12));
    assertThat(value(shares, "accuracy_before")).isCloseTo(0.9, within(1e-12));
    assertThat(value(shares, "accuracy_after")).isCloseTo(0.94, within(1e-12));
    assertThat(shares.get("CS").n()).isEqualTo(100);
    assertThat(shares.get("CS").interval()).isEqualTo(Interval.share(60, 100));
  }

  @Test
  void nothingReplacedIsNoPrecision() {
    Relabelling none = new Relabelling(90, 0, 0, 10, 0);
    Interval sure = new Interval(1, 1, 1);
    for (Map<String, Relabelling.Share> shares :
        List.of(none.counted(), none.expected(sure, sure, new Interval(0.1, 0.1, 0.1)))) {
      assertThat(value(shares, "repair_precision")).isNaN();
      assertThat(shares.get("repair_precision").n()).isZero();
      assertThat(value(shares, "CL")).isEqualTo(1);
      assertThat(value(shares, "CS")).isEqualTo(0);
      assertThat(value(shares, "accuracy_after")).isEqualTo(value(shares, "accuracy_before"));
    }
  }

  private static double value(Map<String, Relabelling.Share> shares, String measure) {
    return shares.get(measure).interval().value();
  }

  /** Rows of truth, given, how often. */
  private static ClassLift lift(int[][] errors) {
    ClassLift odd = new ClassLift(3);
    ClassLift even = new ClassLift(3);
    for (int[] error : errors) {
      for (int i = 0; i < error[2]; i++) {
        (i % 2 == 0 ? even : odd).add(error[0], error[1]);
      }
    }
    return odd.merge(even);
  }
}
