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
  void aRowThatIsOfferedTwiceCountsOnce() {
    Nearest.Collector collector = new Nearest.Collector(3);
    for (int i = 0; i < 3; i++) {
      collector.offer(0.5f, 7, 1);
      collector.offer(0.5f, 3, 1);
      collector.offer(0.9f, 5, 0);
    }
    assertThat(collector.nearest().keys()).containsExactly(5, 3, 7);
    assertThat(collector.nearest().merge(collector.nearest(), 3).keys()).containsExactly(5, 3, 7);
  }

  @Test
  void aProductHasTheSameBitsWhicheverIsTheQuery() {
    Random random = new Random(8);
    float[][] rows = new float[600][];
    float[] lifts = new float[600];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = vector(random, 40);
      lifts[i] = random.nextFloat();
    }
    DotBlock block = new DotBlock(rows, lifts);
    float[][] products = new float[5][DotBlock.TILE];
    for (int tile = 0; tile < block.tiles(); tile++) {
      float[][] queries = {rows[0], rows[1], rows[300], rows[599], rows[20]};
      float[] own = {lifts[0], lifts[1], lifts[300], lifts[599], lifts[20]};
      block.products(tile, queries, own, 5, products);
      for (int q = 0; q < 5; q++) {
        for (int j = 0; j < block.width(tile); j++) {
          int row = tile * DotBlock.TILE + j;
          float[][] one = new float[1][1];
          new DotBlock(new float[][] {queries[q]}, new float[] {own[q]})
              .products(0, new float[][] {rows[row]}, new float[] {lifts[row]}, 1, one);
          assertThat(one[0][0]).isEqualTo(products[q][j]);
        }
      }
    }
  }

  private static float[] vector(Random random, int dimensions) {
    float[] vector = new float[dimensions];
    for (int d = 0; d < dimensions; d++) {
      vector[d] = (float) random.nextGaussian();
    }
    return vector;
  }
}
