package io.recant.core.label;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfusedClassesTest {

  private final ConfusedClasses.Counts<Integer> counts = new ConfusedClasses.Counts<>();

  /** So many bad rows that are given a class and seem to be of another. */
  private void add(int count, int given, int right) {
    for (int i = 0; i < count; i++) {
      counts.add(given, right);
    }
  }

  @Test
  void classesThatEachSeemToBeTheOtherAreAPair() {
    add(6, 1, 2);
    add(3, 1, 0);
    add(5, 2, 1);

    ConfusedClasses<Integer> confused = counts.pairs();

    assertThat(confused.other()).isEqualTo(Map.of(1, 2, 2, 1));
    assertThat(confused.contains(2)).isTrue();
    assertThat(confused.contains(0)).isFalse();
  }

  @Test
  void oneWayIsNone() {
    add(9, 1, 2);
    add(9, 2, 3);
    add(9, 3, 2);

    assertThat(counts.pairs().other()).isEqualTo(Map.of(2, 3, 3, 2));
  }

  /** As where a trigger is put on rows of every class, or where too few are bad. */
  @Test
  void withoutAMajorityOrEnoughRowsThereIsNone() {
    add(5, 1, 2);
    add(5, 1, 0);
    add(9, 2, 1);
    add(4, 3, 0);
    add(4, 0, 3);

    assertThat(counts.pairs().other()).isEmpty();
  }

  @Test
  void aPairThatIsASmallPartOfWhatIsBadIsNone() {
    add(6, 1, 2);
    add(6, 2, 1);
    add(60, 3, 0);

    assertThat(counts.pairs().other()).isEmpty();
  }
}
