package io.recant.ml.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MinibatchesTest {

  private static Examples rows(int count) {
    return Examples.of(
        IntStream.range(0, count).mapToObj(i -> new Example("r" + i, null, "t", null)).toList());
  }

  private static List<Long> positions(Minibatches batches) {
    List<Long> positions = new ArrayList<>();
    try (batches) {
      while (batches.hasNext()) {
        Minibatch batch = batches.next();
        for (int i = 0; i < batch.size(); i++) {
          assertThat(batch.examples().get(i).id()).isEqualTo("r" + batch.positions()[i]);
          positions.add(batch.positions()[i]);
        }
      }
    }
    return positions;
  }

  @Test
  void inOrderKeepsTheOrderAndTheRemainder() {
    try (Minibatches batches = Minibatches.inOrder(rows(7), 3)) {
      assertThat(batches.next().positions()).containsExactly(0, 1, 2);
      assertThat(batches.next().positions()).containsExactly(3, 4, 5);
      assertThat(batches.next().positions()).containsExactly(6);
      assertThat(batches.hasNext()).isFalse();
      assertThatThrownBy(batches::next).isInstanceOf(java.util.NoSuchElementException.class);
    }
  }

  @Property
  void aShuffleIsAPermutationThatOnlyItsSeedDecides(
      @ForAll @IntRange(max = 60) int count,
      @ForAll @IntRange(min = 1, max = 10) int batch,
      @ForAll @IntRange(min = 1, max = 70) int buffer,
      @ForAll long seed) {
    List<Long> once = positions(Minibatches.shuffled(rows(count), batch, buffer, seed));
    assertThat(positions(Minibatches.shuffled(rows(count), batch, buffer, seed))).isEqualTo(once);
    assertThat(once).hasSize(count).doesNotHaveDuplicates();
    // Batches are put together by length within as many rows as the buffer has, if that is several.
    int pool = Math.min(32 * batch, buffer);
    int most = pool > batch ? buffer + pool : buffer;
    for (int i = 0; i < once.size(); i++) {
      assertThat(once.get(i)).as("how early a row comes").isLessThan(i + most);
    }
    assertThat(Minibatches.count(count, batch)).isEqualTo((count + batch - 1) / batch);
  }

  @Test
  void batchesHoldTextsOfLikeLengthInRandomOrder() {
    List<Example> texts =
        IntStream.range(0, 640)
            .mapToObj(i -> new Example("r" + i, "w", "x".repeat(1 + i * 37 % 97), null))
            .toList();
    List<Integer> longest = new ArrayList<>();
    int padded = 0;
    try (Minibatches batches = Minibatches.shuffled(Examples.of(texts), 20, 1000, 3)) {
      while (batches.hasNext()) {
        Minibatch batch = batches.next();
        int most = batch.examples().stream().mapToInt(e -> e.target().length()).max().getAsInt();
        longest.add(most);
        padded += most * batch.size();
      }
    }
    int text = texts.stream().mapToInt(e -> e.target().length()).sum();
    assertThat(padded).isLessThan(text * 105 / 100);
    assertThat(longest).hasSize(32).isNotEqualTo(longest.stream().sorted().toList());
  }

  /** The length of a class name says which class it is. */
  @Test
  void batchesOfPicturesAreOfAllClasses() {
    Image image = new Image(1, 1, 1, new byte[1]);
    List<Example> pictures =
        IntStream.range(0, 640)
            .mapToObj(i -> new Example("r" + i, "t", i % 2 == 0 ? "a" : "other", null))
            .map(example -> example.withImage(image))
            .toList();
    try (Minibatches batches = Minibatches.shuffled(Examples.of(pictures), 40, 1000, 3)) {
      while (batches.hasNext()) {
        assertThat(batches.next().examples().stream().filter(e -> e.target().equals("a")).count())
            .isBetween(5L, 35L);
      }
    }
  }

  @Test
  void differentSeedsGiveDifferentOrders() {
    assertThat(positions(Minibatches.shuffled(rows(50), 5, 50, 1)))
        .isNotEqualTo(positions(Minibatches.shuffled(rows(50), 5, 50, 2)));
  }

  @Test
  void aFullBufferShufflesUniformly() {
    int[] first = new int[4];
    for (int seed = 0; seed < 4000; seed++) {
      first[positions(Minibatches.shuffled(rows(4), 1, 4, seed)).get(0).intValue()]++;
    }
    for (int count : first) {
      assertThat(count).isBetween(850, 1150);
    }
  }
}
