package io.recant.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TextTableTest {

  @Test
  void nothingInACellIsObeyed() {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    new TextTable("input", "n")
        .row("\u001b[2Ja\u0007\r\nb\u009b31mc\u202ed\u2066e\u2028f\ud800g\0h\tz", "1")
        .row("=cmd|' /C calc'!A0 \ud83d\ude00 \u0645\u06cc\u200c\u0631", "2")
        .print(new PrintStream(printed, true, StandardCharsets.UTF_8));
    String[] lines = printed.toString(StandardCharsets.UTF_8).split("\n");
    assertThat(lines).hasSize(3);
    assertThat(lines[1]).contains(" [2Ja   b 31mc d e f g h z");
    assertThat(lines[2])
        .as("what is no command to a terminal stays as it is")
        .contains("=cmd|' /C calc'!A0 \ud83d\ude00 \u0645\u06cc\u200c\u0631");
  }

  @Test
  void errorsKeepTheirLines() {
    assertThat(TerminalText.lines("a\u001b]0;b\nc\u202ed")).isEqualTo("a ]0;b\nc d");
  }
}
