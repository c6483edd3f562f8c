package io.recant.ml.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class HeldBackTest {

  private static List<Example> rows(int count) {
    return IntStream.range(0, count).mapToObj(i -> new Example("r" + i, null, "t", null)).toList();
  }

  private static List<Example> read(Examples examples) {
    List<Example> rows = new ArrayList<>();
    try (CloseableIterator<Example> iterator = examples.open()) {
      iterator.forEachRemaining(rows::add);
    }
    return rows;
  }

  @Property
  void everyRowIsOnOneSideAndCountedThere(
      @ForAll @IntRange(max = 50) int count,
      @ForAll @IntRange(min = 2, max = 9) int stride,
      @ForAll @IntRange(max = 8) int limit) {
    HeldBack split = HeldBack.every(Examples.of(rows(count)), stride, limit);
    List<Example> rest = read(split.training());
    assertThat(split.training().count()).isEqualTo(rest.size());
    assertThat(read(split.training())).isEqualTo(rest);
    assertThat(split.examples())
        .hasSize(Math.min(limit, count / stride))
        .allMatch(held -> !rest.contains(held));
    assertThat(rest.size() + split.examples().size()).isEqualTo(count);
  }

  @Test
  void withoutAStrideNothingIsHeldBack() {
    HeldBack split = HeldBack.every(Examples.of(rows(5)), 0, 10);
    assertThat(split.examples()).isEmpty();
    assertThat(split.training().count()).isEqualTo(5);
  }

  @Test
  void aCycleGoesThroughTheSetAgainInAnotherOrder() {
    List<List<Example>> passes = new ArrayList<>();
    try (MinibatchCycle cycle = new MinibatchCycle(Examples.of(rows(30)), 10, 30, 1)) {
      for (int pass = 0; pass < 2; pass++) {
        List<Example> seen = new ArrayList<>();
        for (int batch = 0; batch < 3; batch++) {
          seen.addAll(cycle.next().examples());
        }
        passes.add(seen);
      }
    }
    assertThat(passes.get(0)).containsExactlyInAnyOrderElementsOf(rows(30));
    assertThat(passes.get(1)).containsExactlyInAnyOrderElementsOf(rows(30));
    assertThat(passes.get(1)).isNotEqualTo(passes.get(0));
  }
}
