package io.recant.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.jobs.ingest.CsvRecords.CsvRecord;
import io.recant.jobs.ingest.LineReader.Line;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class LinesTest {

  private static final int MAX = 20;

  @Test
  void endsLinesAsBothWorldsDo() throws IOException {
    assertThat(texts("\uFEFFa\r\nb\n\nc\r", MAX)).containsExactly("1:a", "2:b", "3:", "4:c");
    assertThat(texts("", MAX)).isEmpty();
    assertThat(texts("\uFEFF", MAX)).isEmpty();
    assertThat(texts("\n", MAX)).containsExactly("1:");
    assertThat(texts("a\uFEFF\n", MAX)).containsExactly("1:a\uFEFF");
  }

  @Test
  void cutsALongLineAndGoesOn() throws IOException {
    LineReader reader = reader("x".repeat(21) + "\n" + "y".repeat(20) + "\r\nz", MAX);
    Line first = reader.next();
    assertThat(first.isCut()).isTrue();
    assertThat(first.length()).isEqualTo(21);
    assertThat(first.bytes()).hasSize(MAX);
    assertThat(reader.next().isCut()).isFalse();
    assertThat(reader.next().text()).isEqualTo("z");
  }

  @Test
  void knowsBrokenText() throws IOException {
    LineReader reader =
        LineReader.ofFile(new ByteArrayInputStream(new byte[] {'a', (byte) 0xC3, '\n', 'b'}), MAX);
    assertThat(reader.next().text()).isNull();
    assertThat(reader.next().text()).isEqualTo("b");
  }

  /** Wherever a file is cut, its parts have its lines once and with their numbers. */
  @Property
  void partsHaveTheLinesOfTheWhole(
      @ForAll @StringLength(max = 40) @CharRange(from = 'a', to = 'b') String letters,
      @ForAll @Size(max = 12) List<@IntRange(max = 40) Integer> ends,
      @ForAll @IntRange(min = 1, max = 41) int partBytes)
      throws IOException {
    StringBuilder text = new StringBuilder(letters);
    ends.forEach(at -> text.insert(Math.min(at, text.length()), '\n'));
    byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
    List<String> lines = new ArrayList<>();
    long number = 1;
    for (int start = 0; start < bytes.length; start += partBytes) {
      long end = Math.min(start + partBytes, bytes.length);
      LineReader reader =
          start == 0
              ? LineReader.ofFile(new ByteArrayInputStream(bytes), MAX)
              : LineReader.ofPart(
                  new ByteArrayInputStream(bytes, start - 1, bytes.length), MAX, start, number);
      while (reader.position() < end) {
        Line line = reader.next();
        if (line == null) {
          break;
        }
        lines.add(line.number() + ":" + new String(line.bytes(), StandardCharsets.US_ASCII));
        number = line.number() + 1;
      }
    }
    assertThat(lines).isEqualTo(texts(text.toString(), MAX));
  }

  @Test
  void readsQuotedFields() throws IOException {
    assertThat(records("a,\"b, \"\"c\"\"\",\n\"one\ntwo\n\nthree\",x,y\n,,\n"))
        .containsExactly("1[a|b, \"c\"|]", "2[one\ntwo\n\nthree|x|y]", "6[||]");
    assertThat(records("5\" pipe,b")).containsExactly("1[5\" pipe|b]");
  }

  @Test
  void aStrayQuoteCostsItsOwnLineOnly() throws IOException {
    assertThat(records("a,b\n\"open,c\nd,e\n")).containsExactly("1[a|b]", "2 malformed", "3[d|e]");
    assertThat(records("\"open\nd,\"e\"\nf,g\n"))
        .containsExactly("1 malformed", "2[d|e]", "3[f|g]");
    assertThat(records("\"a\"b,c\nd,e")).containsExactly("1 malformed", "2[d|e]");
    assertThat(records("\"" + "x\n".repeat(11) + "y\",z"))
        .as("a field of more lines than a row may have bytes")
        .hasSize(12)
        .startsWith("1 malformed", "2[x]")
        .endsWith("12[y\"|z]");
    assertThat(records("\"open\n" + "x".repeat(30) + "\nd,e"))
        .containsExactly("1 malformed", "2 too_long", "3[d|e]");
  }

  /** Whatever quotes there are, as when line after line is tried anew. */
  @Property
  void quotesAreReadAsInTheGrammar(
      @ForAll @StringLength(max = 60) @Chars({'a', '"', ',', '\n'}) String text)
      throws IOException {
    assertThat(records(text)).isEqualTo(byTheGrammar(text.split("\n")));
  }

  /** Or a few megabytes of open quotes would take hours. */
  @Test
  void aLineIsAskedOnceHoweverManyQuotesAreOpenBeforeIt() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    LinesAhead lines =
        new LinesAhead(
            reader("x\n".repeat(500), MAX),
            MAX,
            text -> {
              asked.incrementAndGet();
              return LinesAhead.Ending.OPEN;
            });
    while (lines.first() != null) {
      assertThat(lines.ending()).isEqualTo(LinesAhead.Ending.OPEN);
      lines.take(1);
    }
    assertThat(asked).hasValueLessThan(500);
  }

  private static List<String> byTheGrammar(String[] lines) {
    String quoted = "\"(?:[^\"]|\"\")*";
    String field = "(?:" + quoted + "\"|(?:[^\",\\n][^,\\n]*)?)";
    List<String> found = new ArrayList<>();
    for (int i = 0; i < lines.length; i++) {
      if (lines[i].isEmpty()) {
        continue;
      }
      int end = i;
      String record = lines[i];
      while (record.length() <= MAX && record.matches("(" + field + ",)*" + quoted)) {
        end++;
        record = end < lines.length ? record + "\n" + lines[end] : "x".repeat(MAX + 1);
      }
      if (lines[i].length() > MAX) {
        found.add((i + 1) + " too_long");
      } else if (record.length() > MAX || !record.matches(field + "(," + field + ")*")) {
        found.add((i + 1) + " malformed");
      } else {
        Matcher fields = Pattern.compile(",(" + field + ")").matcher("," + record);
        List<String> values = new ArrayList<>();
        while (fields.find()) {
          String value = fields.group(1);
          values.add(
              value.startsWith("\"")
                  ? value.substring(1, value.length() - 1).replace("\"\"", "\"")
                  : value);
        }
        found.add((i + 1) + "[" + String.join("|", values) + "]");
        i = end;
      }
    }
    return found;
  }

  private static List<String> texts(String text, int maxBytes) throws IOException {
    List<String> texts = new ArrayList<>();
    LineReader reader = reader(text, maxBytes);
    for (Line line = reader.next(); line != null; line = reader.next()) {
      texts.add(line.number() + ":" + new String(line.bytes(), StandardCharsets.UTF_8));
    }
    return texts;
  }

  private static List<String> records(String text) throws IOException {
    List<String> found = new ArrayList<>();
    CsvRecords records = new CsvRecords(reader(text, MAX), ',', MAX);
    for (CsvRecord r = records.next(); r != null; r = records.next()) {
      found.add(
          r.rejection() == null
              ? r.number() + "[" + String.join("|", r.fields()) + "]"
              : r.number() + " " + r.rejection().code());
    }
    return found;
  }

  private static LineReader reader(String text, int maxBytes) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return LineReader.ofFile(
        new ByteArrayInputStream(Arrays.copyOf(bytes, bytes.length)), maxBytes);
  }
}
