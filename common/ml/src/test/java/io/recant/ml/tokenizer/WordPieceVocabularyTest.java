package io.recant.ml.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.InputException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WordPieceVocabularyTest {

  private static final List<String> CORPUS =
      List.of(
          "any of various small nocturnal mammals",
          "a device for hyperventilating Café owners",
          "the cyclotron's third resonator (1939)",
          "small mammals, small owners");

  private static TextTokenizer whole;

  @BeforeAll
  static void open() {
    whole = WordPieceVocabulary.bundled();
  }

  @AfterAll
  static void close() {
    whole.close();
  }

  @Test
  void cutsItsCorpusAsTheWholeVocabularyDoes() {
    try (TextTokenizer pruned = pruned(count(CORPUS.stream()), 1)) {
      for (String text : CORPUS) {
        assertThat(pruned.pieces(text)).containsExactly(whole.pieces(text));
      }
      assertThat(pruned.vocabularySize()).isLessThan(300);
    }
  }

  @Test
  void rarePiecesFallApartIntoShorterOnesAndNeverIntoUnknown() {
    try (TextTokenizer pruned = pruned(count(CORPUS.stream()), 2)) {
      assertThat(pruned.id("small")).isPresent();
      assertThat(pruned.id("nocturnal")).isEmpty();
      assertThat(pruned.pieces("nocturnal zebra")).doesNotContain(WordPieceVocabulary.UNKNOWN);
      assertThat(pruned.decode(pruned.encode("nocturnal zebra"))).isEqualTo("nocturnal zebra");
    }
  }

  @Test
  void numbersItsPiecesWithoutGapsAndSpecialTokensFirst() {
    try (TextTokenizer pruned = pruned(count(CORPUS.stream()), 1)) {
      assertThat(
              Stream.of(
                  WordPieceVocabulary.PAD,
                  WordPieceVocabulary.UNKNOWN,
                  WordPieceVocabulary.BEGIN,
                  WordPieceVocabulary.SEPARATOR,
                  WordPieceVocabulary.END))
          .extracting(token -> pruned.id(token).orElseThrow())
          .containsExactly(0, 1, 2, 3, 4);
      // The library renders an id it has no piece for as nothing.
      for (int id = 5; id < pruned.vocabularySize(); id++) {
        assertThat(pruned.decode(new long[] {id})).as("id %d", id).isNotEmpty();
      }
    }
  }

  @Test
  void countsOfPartsMergeIntoTheSameVocabularyInAnyOrder() {
    PieceCounts together = count(CORPUS.stream());
    PieceCounts parts = count(CORPUS.stream().skip(2)).merge(count(CORPUS.stream().limit(2)));
    assertThat(parts.byPiece()).isEqualTo(together.byPiece()).containsEntry("small", 3L);
    assertThat(WordPieceVocabulary.prune(whole, parts, 1))
        .isEqualTo(WordPieceVocabulary.prune(whole, together, 1));
  }

  @Test
  void whatIsNoTokenizerIsRefusedWithItsPlace() {
    assertThatThrownBy(() -> TextTokenizer.parse("{\"model\": {}}", "models/x/tokenizer.json"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("models/x/tokenizer.json");
  }

  private static PieceCounts count(Stream<String> texts) {
    PieceCounts counts = new PieceCounts();
    texts.forEach(text -> counts.add(whole, text));
    return counts;
  }

  private static TextTokenizer pruned(PieceCounts counts, long minimumCount) {
    return TextTokenizer.parse(WordPieceVocabulary.prune(whole, counts, minimumCount), "test");
  }
}
