package io.recant.core.clue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ConfusedClassesTest {

  private final List<ClueRow> rows = new ArrayList<>();

  /** So many rows that are given a class and seen as another. */
  private void add(int count, boolean known, int given, int rival) {
    float[] p = {0.1f, 0.1f, 0.1f, 0.1f};
    p[given] = 0.4f;
    p[rival] = 0.3f;
    for (int i = 0; i < count; i++) {
      rows.add(new ClueRow(known, i, given, p, new float[] {i}, Set.of("w")));
    }
  }

  @Test
  void classesThatAreEachSeenAsTheOtherAreAPair() {
    add(6, true, 1, 2);
    add(3, true, 1, 0);
    add(5, true, 2, 1);

    ConfusedClasses confused = ConfusedClasses.of(rows);

    assertThat(confused.other()).isEqualTo(Map.of(1, 2, 2, 1));
    assertThat(confused.contains(2)).isTrue();
    assertThat(confused.contains(0)).isFalse();
    ClueRow corrected = confused.corrected(rows.get(0));
    assertThat(corrected.given()).isEqualTo(2);
    assertThat(corrected.known()).isFalse();
    assertThat(corrected.vector()).isEqualTo(rows.get(0).vector());
    assertThat(corrected.fold()).isEqualTo(rows.get(0).fold());
  }

  @Test
  void oneWayIsNone() {
    add(9, true, 1, 2);
    add(9, true, 2, 3);
    add(9, true, 3, 2);

    assertThat(ConfusedClasses.of(rows).other()).isEqualTo(Map.of(2, 3, 3, 2));
  }

  /** As where a trigger is put on rows of every class, or where too few are known. */
  @Test
  void withoutAMajorityOrEnoughKnownRowsThereIsNone() {
    add(5, true, 1, 2);
    add(5, true, 1, 0);
    add(9, true, 2, 1);
    add(4, true, 3, 0);
    add(4, true, 0, 3);
    add(90, false, 2, 1);

    assertThat(ConfusedClasses.of(rows).other()).isEmpty();
  }

  @Test
  void aPairThatIsASmallPartOfWhatIsKnownIsNone() {
    add(6, true, 1, 2);
    add(6, true, 2, 1);
    add(60, true, 3, 0);

    assertThat(ConfusedClasses.of(rows).other()).isEmpty();
  }
}
