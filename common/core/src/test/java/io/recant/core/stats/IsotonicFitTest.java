package io.recant.core.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class IsotonicFitTest {

  /** By hand: 3 and 2 pool to 2.5; 6 (weight 3) and 2 (weight 1) pool to 5. */
  @Test
  void poolsAdjacentViolators() {
    List<IsotonicFit.Block> blocks =
        IsotonicFit.blocks(new double[] {1, 3, 2, 6, 2}, new double[] {1, 1, 1, 3, 1});

    assertThat(blocks)
        .containsExactly(
            new IsotonicFit.Block(0, 1, 1, 1),
            new IsotonicFit.Block(1, 3, 2.5, 2),
            new IsotonicFit.Block(3, 5, 5, 4));
  }

  @Test
  void wantsOneWeightPerValue() {
    assertThatThrownBy(() -> IsotonicFit.blocks(new double[2], new double[3]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Property
  void risesCoversAndKeepsTheWeightedSum(
      @ForAll @Size(min = 1, max = 50) List<@DoubleRange(min = -5, max = 5) Double> values) {
    double[] y = values.stream().mapToDouble(v -> v).toArray();
    double[] w = new double[y.length];
    Arrays.setAll(w, i -> 1 + i % 4);
    List<IsotonicFit.Block> blocks = IsotonicFit.blocks(y, w);

    double sum = 0;
    double fitted = 0;
    int next = 0;
    double before = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < y.length; i++) {
      sum += y[i] * w[i];
    }
    for (IsotonicFit.Block block : blocks) {
      assertThat(block.from()).isEqualTo(next);
      assertThat(block.value()).isGreaterThan(before);
      fitted += block.value() * block.weight();
      next = block.to();
      before = block.value();
    }
    assertThat(next).isEqualTo(y.length);
    assertThat(fitted).isCloseTo(sum, within(1e-9));
  }
}
