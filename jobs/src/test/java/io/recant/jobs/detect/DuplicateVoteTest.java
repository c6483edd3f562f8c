package io.recant.jobs.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.recant.jobs.detect.DuplicateVote.Opinion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DuplicateVoteTest {

  private static final Map<String, Double> EVEN = Map.of("a", 0.5, "b", 0.5);

  @Test
  void oneAgainstOneIsATie() {
    DuplicateVote vote = vote("a", same("a", 1, "x", "x"), same("b", 1, "y", "y")).orElseThrow();
    assertThat(vote.score()).isEqualTo(0.5);
    assertThat(vote.clear()).isFalse();
    assertThat(vote.rival().first()).isEqualTo("y");
    assertThat(vote.rows()).isEqualTo(2);
  }

  @Test
  void theFewAreWrongAgainstTheMany() {
    Opinion[] opinions = {same("a", 1, "x", "x"), same("b", 9, "p", "z")};
    DuplicateVote few = vote("a", opinions).orElseThrow();
    assertThat(few.score()).isCloseTo(9.5 / 11, within(1e-9));
    assertThat(few.clear()).isTrue();
    DuplicateVote many = DuplicateVote.of(List.of(opinions), "p", "b", "b", EVEN, 1).orElseThrow();
    assertThat(many.score()).isCloseTo(1 - few.score(), within(1e-9));
    assertThat(many.clear()).isFalse();
  }

  @Test
  void ofEquallyManyTheRarerClassIsMoreSuspicious() {
    Map<String, Double> rates = Map.of("a", 0.1, "b", 0.9);
    List<Opinion> opinions = List.of(same("a", 1, "x", "x"), same("b", 1, "y", "y"));
    assertThat(DuplicateVote.of(opinions, "x", "a", "a", rates, 1).orElseThrow().score())
        .isCloseTo(1.9 / 3, within(1e-9));
    assertThat(DuplicateVote.of(opinions, "x", "a", "a", rates, 0).orElseThrow().score())
        .isEqualTo(0.5);
  }

  @Test
  void nearDuplicatesCountLess() {
    DuplicateVote vote =
        vote("a", same("a", 1, "x", "x"), new Opinion(0.8, false, "b", "B", 1, "y", "y"))
            .orElseThrow();
    assertThat(vote.score()).isCloseTo(1.3 / 2.8, within(1e-9));
    assertThat(vote.rival().target()).isEqualTo("B");
  }

  @Test
  void whoAgreesWithEveryDuplicateHasNoFinding() {
    assertThat(vote("a", same("a", 5, "x", "z"))).isEmpty();
    assertThat(vote("a", same("a", 1, "x", "x"))).isEmpty();
  }

  @Test
  void aCanaryDoesNotMeetItsOriginal() {
    assertThat(DuplicateVote.of(List.of(same("a", 1, "x", "x")), "x", "b", "a", EVEN, 1)).isEmpty();
    DuplicateVote vote =
        DuplicateVote.of(List.of(same("a", 3, "x", "z")), "x", "b", "a", EVEN, 1).orElseThrow();
    assertThat(vote.forRival()).isEqualTo(2);
    assertThat(vote.rival().first()).isEqualTo("z");
    assertThat(vote.rows()).isEqualTo(3);
  }

  private static Optional<DuplicateVote> vote(String said, Opinion... opinions) {
    return DuplicateVote.of(List.of(opinions), "x", said, said, EVEN, 1);
  }

  private static Opinion same(String said, long count, String first, String last) {
    return new Opinion(1, true, said, said, count, first, last);
  }
}
