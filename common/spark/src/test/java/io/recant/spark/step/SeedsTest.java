package io.recant.spark.step;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeedsTest {

  /** SHA-256 of "42/train" begins with these 8 bytes; runs of older builds rely on it. */
  @Test
  void aSeedIsTheSameInEveryBuild() {
    assertThat(Seeds.derive(42, "train")).isEqualTo(-3687957493860201613L);
  }

  @Test
  void purposesAndSeedsDoNotShareDraws() {
    Set<Long> seen = new HashSet<>();
    for (long seed = 0; seed < 100; seed++) {
      for (String purpose : new String[] {"inject", "train", "train/1", "1/train", ""}) {
        seen.add(Seeds.derive(seed, purpose));
      }
    }
    assertThat(seen).hasSize(500);
  }
}
