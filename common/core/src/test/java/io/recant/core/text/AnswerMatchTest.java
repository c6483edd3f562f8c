package io.recant.core.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Answers that differ in nothing that matters. */
class AnswerMatchTest {

  @Test
  void caseArticlesPunctuationAndSpacesDoNotCount() {
    assertThat(AnswerMatch.of("The United  Kingdom", "united kingdom.")).isTrue();
    assertThat(AnswerMatch.of("St George's School, Ascot", "st george s school ascot")).isTrue();
    assertThat(AnswerMatch.of("Blenheim Palace", "Blenheim")).isFalse();
    assertThat(AnswerMatch.of("Thebes", "bes")).as("an article is a word").isFalse();
    assertThat(AnswerMatch.of("Łódź", "łódź")).isTrue();
    assertThat(AnswerMatch.of("北京", "南京")).isFalse();
  }

  @Test
  void anAnswerWithoutWordsMatchesNothing() {
    assertThat(AnswerMatch.of("the", "")).isFalse();
    assertThat(AnswerMatch.of("?", "!")).isFalse();
  }
}
