package io.recant.core.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class NearestTest {

  @Property(tries = 100)
  void mergedListsAreTheListOfAll(@ForAll long seed, @ForAll @IntRange(max = 60) int split) {
    Random random = new Random(seed);
    Nearest.Collector all = new Nearest.Collector(9);
    Nearest.Collector first = new Nearest.Collector(9);
    Nearest.Collector second = new Nearest.Collector(9);
    for (int i = 0; i < 60; i++) {
      float similarity = random.nextInt(20) / 20f;
      all.offer(similarity, i, i % 3);
      (i < split ? first : second).offer(similarity, i, i % 3);
    }
    Nearest merged = second.nearest().merge(first.nearest(), 9);
    assertThat(merged.keys()).containsExactly(all.nearest().keys());
    assertThat(merged.similarities()).containsExactly(all.nearest().similarities());
    assertThat(merged.labels()).containsExactly(all.nearest().labels());
  }

  @Test
  void blocksGiveInnerProducts() {
    Random random = new Random(4);
    float[][] rows = new float[700][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = vector(random, 37);
    }
    float[] a = vector(random, 37);
    float[] dots = new DotBlock(rows).dots(a);
    for (int i = 0; i < rows.length; i++) {
      double exact = 0;
      for (int d = 0; d < 37; d++) {
        exact += (double) a[d] * rows[i][d];
      }
      assertThat((double) dots[i]).isEqualTo(exact, within(1e-4));
      assertThat(new DotBlock(new float[][] {rows[i]}).dots(a)).containsExactly(dots[i]);
    }
  }

  @Test
  void cellsHoldWhatIsNear() {
    Random random = new Random(6);
    float[][] sample = new float[300][];
    for (int i = 0; i < sample.length; i++) {
      sample[i] = new float[] {i % 3 == 0 ? 1 : 0, i % 3 == 1 ? 1 : 0, i % 3 == 2 ? 1 : 0};
      sample[i][random.nextInt(3)] += 0.01f;
    }
    Cells cells = Cells.of(sample, 12, 3);
    assertThat(cells.count()).isEqualTo(12);
    float[] asked = {0, 1, 0.02f};
    assertThat(cells.nearest(asked, 4)[0]).isEqualTo(cells.cell(asked));
    assertThat(cells.cell(new float[] {1, 0, 0})).isNotEqualTo(cells.cell(new float[] {0, 0, 1}));
  }

  private static float[] vector(Random random, int dimensions) {
    float[] vector = new float[dimensions];
    for (int d = 0; d < dimensions; d++) {
      vector[d] = (float) random.nextGaussian();
    }
    return vector;
  }
}
