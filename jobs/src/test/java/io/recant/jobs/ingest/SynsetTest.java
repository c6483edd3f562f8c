package io.recant.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SynsetTest {

  @Test
  void readsWordsClassAndDefinition() {
    Synset synset =
        Synset.parse(
            "00001740 29 v 04 breathe 0 take_a_breath 0 respire 0 suspire 3 001 * 00005041 v 0000"
                + " | draw air into, and expel out of, the lungs; \"I can breathe better\"; \"so\"  ");
    assertThat(synset.offset()).isEqualTo("00001740");
    assertThat(synset.lexicographerFile()).isEqualTo("verb.body");
    assertThat(synset.words()).containsExactly("breathe", "take a breath", "respire", "suspire");
    assertThat(synset.definition()).isEqualTo("draw air into, and expel out of, the lungs");
  }

  @Test
  void countsWordsInHexadecimalAndDropsTheAdjectivePosition() {
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < 17; i++) {
      words.append("w").append(i).append("(ip) 0 ");
    }
    Synset synset = Synset.parse("00000001 44 a 11 " + words + "000 | of seventeen words");
    assertThat(synset.words()).hasSize(17).startsWith("w0").endsWith("w16");
    assertThat(synset.lexicographerFile()).isEqualTo("adj.ppl");
  }

  @Test
  void keepsAQuotationThatIsPartOfTheDefinition() {
    String gloss = "reward as in \"carrot and stick\"; \"used the carrot\"";
    assertThat(Synset.parse("1 03 n 01 carrot 0 000 | " + gloss).definition())
        .isEqualTo("reward as in \"carrot and stick\"");
  }

  @Test
  void saysWhatIsWrong() {
    for (String line :
        List.of(
            "00001740 29 v 01 breathe 0 000 without a gloss",
            "00001740 45 v 01 breathe 0 000 | no such file",
            "00001740 xx v 01 breathe 0 000 | not a number",
            "00001740 29 v 09 breathe 0 000 | fewer words than said",
            "29 v | short")) {
      assertThatThrownBy(() -> Synset.parse(line))
          .as(line)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching(".{10,}");
    }
  }
}
