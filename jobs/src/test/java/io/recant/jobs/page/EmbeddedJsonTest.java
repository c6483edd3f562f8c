package io.recant.jobs.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class EmbeddedJsonTest {

  private static final String HOSTILE =
      "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
          + "\u2028{{data}}<!-- & $1";

  @Test
  void cannotEndItsElement() {
    String json = EmbeddedJson.of(Map.of("</script>", HOSTILE));
    assertThat(json).doesNotContain("<", ">", "&", "\u2028", "\u2029");
  }

  @Property
  void readsBackUnchanged(@ForAll String text) throws Exception {
    String hostile = HOSTILE + text + "\u2029";
    String json = EmbeddedJson.of(List.of(hostile));
    assertThat(json).doesNotContain("<", ">", "&", "\u2028", "\u2029");
    assertThat(new ObjectMapper().readTree(json).get(0).asText()).isEqualTo(hostile);
  }

  @Test
  void keepsSixDigitsAndNothingThatIsNotANumber() {
    assertThat(EmbeddedJson.of(new double[] {1 / 3.0, 2, Double.NaN, -1e-9}))
        .isEqualTo("[0.333333,2,null,-1.0E-9]");
    assertThat(EmbeddedJson.of(Map.of("a", Double.POSITIVE_INFINITY))).isEqualTo("{\"a\":null}");
  }
}
