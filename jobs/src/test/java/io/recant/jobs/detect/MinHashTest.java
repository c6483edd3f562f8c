package io.recant.jobs.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MinHashTest {

  @ParameterizedTest
  @ValueSource(doubles = {0.3, 0.5, 0.8, 0.95})
  void bandsFindPairsAtTheThresholdAndAreAsSelectiveAsTheyCanBe(double threshold) {
    MinHash hash = MinHash.of(threshold, 5, 128, 1);
    assertThat(hash.shared(threshold)).isGreaterThanOrEqualTo(0.98);
    assertThat(hash.bands() * hash.rows()).isBetween(64, 128);
    int more = hash.rows() + 1;
    assertThat(1 - Math.pow(1 - Math.pow(threshold, more), 128 / more)).isLessThan(0.98);
    assertThat(hash.shared(threshold / 3)).isLessThan(hash.shared(threshold) / 2);
  }

  @Test
  void textsShareABandAsOftenAsTheFormulaSays() {
    Random random = new Random(5);
    int pairs = 1500;
    int shared = 0;
    double expected = 0;
    for (int i = 0; i < pairs; i++) {
      MinHash hash = MinHash.of(0.8, 3, 24, i);
      String a = letters(random, 120);
      StringBuilder b = new StringBuilder(a);
      for (int edit = 0; edit < 20; edit++) {
        b.setCharAt(random.nextInt(b.length()), (char) ('a' + random.nextInt(26)));
      }
      long[] first = hash.buckets(a);
      long[] second = hash.buckets(b.toString());
      expected += hash.shared(similarity(a, b.toString(), 3)) / pairs;
      shared += IntStream.range(0, first.length).anyMatch(j -> first[j] == second[j]) ? 1 : 0;
    }
    assertThat(expected).isBetween(0.2, 0.9);
    assertThat((double) shared / pairs).isCloseTo(expected, within(0.04));
  }

  @Test
  void similarityIsThatOfTheShingleSets() {
    MinHash hash = MinHash.of(0.8, 3, 32, 1);
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      String a = letters(random, 1 + random.nextInt(30)).replaceAll("[g-z]", "a");
      String b = letters(random, 1 + random.nextInt(30)).replaceAll("[g-z]", "a");
      assertThat(MinHash.jaccard(hash.shingles(a), hash.shingles(b)))
          .isEqualTo(similarity(a, b, 3));
    }
    assertThat(MinHash.jaccard(hash.shingles("ab"), hash.shingles("ab"))).isEqualTo(1);
    assertThat(hash.shingles("")).hasSize(1);
  }

  @Test
  void normalTextForgetsCaseAndSpaceAndNothingElse() {
    assertThat(NormalText.of("  A\u00a0\n b\tC ")).isEqualTo("a b c");
    assertThat(NormalText.of("3 - 2")).isNotEqualTo(NormalText.of("3 + 2"));
    assertThat(NormalText.numbers("In 1999, 3.5 of 20")).containsExactly("1999", "3", "5", "20");
    assertThat(NormalText.tokens("The U.S. of 1997-8"))
        .containsExactly("the", "u", ".", "s", ".", "of", "1997", "-", "8");
    assertThat(NormalText.place("new  york", "In Old New\nYork it")).containsExactly(7, 15);
    assertThat(NormalText.place("art", "a party")).isNull();
  }

  private static String letters(Random random, int length) {
    return random
        .ints(length, 'a', 'z' + 1)
        .mapToObj(c -> String.valueOf((char) c))
        .collect(Collectors.joining());
  }

  private static double similarity(String a, String b, int length) {
    Set<String> first = shingles(a, length);
    Set<String> second = shingles(b, length);
    Set<String> all = new TreeSet<>(first);
    all.addAll(second);
    first.retainAll(second);
    return (double) first.size() / all.size();
  }

  private static Set<String> shingles(String text, int length) {
    return text.length() <= length
        ? new TreeSet<>(Arrays.asList(text))
        : IntStream.rangeClosed(0, text.length() - length)
            .mapToObj(i -> text.substring(i, i + length))
            .collect(Collectors.toCollection(TreeSet::new));
  }
}
