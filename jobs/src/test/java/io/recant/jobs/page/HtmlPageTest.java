package io.recant.jobs.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HtmlPageTest {

  @Test
  void replacesPlaceholdersOnce() {
    assertThat(HtmlPage.fill("{{a}} {{b}}", Map.of("a", "{{b}} $1 \\", "b", "x")))
        .isEqualTo("{{b}} $1 \\ x");
    assertThatThrownBy(() -> HtmlPage.fill("{{c}}", Map.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("{{c}}");
  }

  @Test
  void asksForAScriptThatIsThere() {
    assertThatThrownBy(
            () -> HtmlPage.of("t", Map.of(), HtmlPageTest.class, List.of("none.js"), "show"))
        .hasMessageContaining("none.js");
  }
}
