package io.recant.jobs.bench;

import io.recant.jobs.bench.HostileKind.Known;
import io.recant.jobs.bench.HostileKind.Maker;
import io.recant.jobs.bench.HostileKind.Reading;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Bad JSON Lines. */
final class HostileLines {

  private static final int SHORT_ROW = 1 << 14;
  private static final int LONG_LINE = 100_000_000;

  /** As deep as Jackson reads; one deeper is no row. */
  private static final int DEEPEST = 1000;

  private static final byte[][] BROKEN = {
    {(byte) 0xFF}, // in no text
    {(byte) 0xC3}, // cut off
    {(byte) 0xC0, (byte) 0xAF}, // a slash in two bytes
    {(byte) 0xED, (byte) 0xA0, (byte) 0x80}, // half of a surrogate pair
    {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80} // beyond Unicode
  };

  private static final String[] WRONG = {
    "{\"input\": \"a\"}",
    "{\"input\": \"\", \"target\": \"b\"}",
    "{\"input\": [1], \"target\": \"b\"}",
    "{\"input\": \"a\", \"target\": {\"b\": 1}}",
    "{\"input\": \"a\", \"target\": null}",
    "{\"input\": \"a\", \"input\": \"c\", \"target\": \"b\"}",
    "{\"input\": \"a\", \"target\": \"b\"} {}",
    "{\"input\": \"a\", \"target\": \"b\"",
    "{\"input\": \"a\", \"target\": 1" + "0".repeat(2000) + "}",
    "{\"input\": \"a\", \"target\": \"\\ud800\"}",
    "{\"input\": \"a\", \"target\": \"b\", \"more\": \"\\udc00\"}",
    "{\"input\": \"a\", \"target\": \"b\", \"\\ud800\": 1}",
    "{\"input\": \"a\", \"target\": \"b\", \"steps\": 1}",
    "{\"input\": \"a\", \"target\": \"b\", \"image\": \"?\"}",
    "{\"input\": \"a\", \"target\": 1e99999999999}",
    "[\"input\", \"target\"]",
    "\"input\"",
    "null",
    "'",
    "<html>",
  };

  private static final String[] ODD = {
    "{\"input\": 1e1000000, \"target\": -0.0}",
    "{\"input\": true, \"target\": NaN}",
    "{\"input\": \"\\u0000\", \"target\": \"\\u202e\\u0007\"}",
    "{\"input\": \"\\ud83d\\ude00\", \"target\": \"\\uffff\"}",
    "{\"input\": \"a\", \"target\": \"b\", \"sample_id\": 1, \"fate\": \"merged\", \"code\": \"x\"}",
    "{\"input\": \"a\", \"target\": \"b\", \"\": {\"\": []}}",
    "\t {\"input\":\"=1+1\",\"target\":\"</script>\"} \r",
  };

  private HostileLines() {}

  static List<HostileKind> kinds() {
    return List.of(
        lines("good rows", 40, (random, text) -> text.good().good()),
        lines("wrong rows", 90, (random, text) -> text.bad(WRONG[random.nextInt(WRONG.length)])),
        lines("odd rows", 40, (random, text) -> text.sample(ODD[random.nextInt(ODD.length)])),
        lines("broken UTF-8", 70, HostileLines::brokenText),
        lines("nested JSON", 60, HostileLines::nested),
        lines("NUL bytes", 60, HostileLines::nul),
        kind("byte order marks", 50, HostileKind.USUAL_ROW, HostileLines::marked),
        kind("line ends", 50, HostileKind.USUAL_ROW, HostileLines::lineEnds),
        kind("long lines", 50, SHORT_ROW, HostileLines::tooLong),
        kind("lines of 100 MB", 1, HostileKind.USUAL_ROW, HostileLines::huge),
        kind("flipped JSON Lines", 60, HostileKind.USUAL_ROW, HostileLines::flipped),
        kind("noise", 20, HostileKind.USUAL_ROW, HostileLines::noise));
  }

  /** Adds something bad. */
  private interface Addition {
    void add(SplittableRandom random, HostileText text);
  }

  private static HostileKind kind(String name, int share, int maxRowBytes, Maker maker) {
    return new HostileKind(name, share, Reading.ROW_BY_ROW, HostileKind.JSONL, maxRowBytes, maker);
  }

  /** Files of a few rows, bad ones among good ones. */
  private static HostileKind lines(String name, int share, Addition bad) {
    return kind(
        name,
        share,
        HostileKind.USUAL_ROW,
        (folder, random) -> {
          HostileText text = new HostileText(random);
          for (int i = random.nextInt(1, 5); i > 0; i--) {
            text.good();
            bad.add(random, text);
          }
          return text.write(folder.resolve("lines.jsonl"));
        });
  }

  private static void brokenText(SplittableRandom random, HostileText text) {
    byte[] line = HostileText.utf8(HostileText.goodJson(random));
    int at = random.nextInt(line.length);
    byte[] broken = BROKEN[random.nextInt(BROKEN.length)];
    byte[] joined = Arrays.copyOf(line, line.length + broken.length);
    System.arraycopy(broken, 0, joined, at, broken.length);
    System.arraycopy(line, at, joined, at + broken.length, line.length - at);
    text.bad(joined);
  }

  private static void nested(SplittableRandom random, HostileText text) {
    int depth = 1 << random.nextInt(1, 18);
    if (random.nextInt(4) == 0) {
      depth = DEEPEST + random.nextInt(-1, 1);
    }
    String open = random.nextBoolean() ? "[" : "{\"a\":";
    String close = open.equals("[") ? "]" : "}";
    String deep = open.repeat(depth - 1) + "1" + close.repeat(depth - 1);
    String line = "{\"input\": \"a\", \"target\": \"b\", \"deep\": " + deep + "}";
    if (line.length() > HostileKind.USUAL_ROW || depth > DEEPEST) {
      text.bad(line);
    } else {
      text.sample(line);
    }
  }

  private static void nul(SplittableRandom random, HostileText text) {
    switch (random.nextInt(3)) {
      case 0 -> text.bad(new byte[random.nextInt(1, 5000)]);
      case 1 -> text.bad("{\"input\": \"a\0b\", \"target\": \"c\"}");
      default -> text.bad("{\"input\": \"a\", \"target\": \"c\"}\0");
    }
  }

  private static Known marked(Path folder, SplittableRandom random) throws IOException {
    Path file = folder.resolve("marked.jsonl");
    HostileText text = new HostileText(random);
    String line = HostileText.goodJson(random);
    switch (random.nextInt(4)) {
      case 0 -> text.raw("\uFEFF").sample(line).good();
      case 1 -> text.bad("\uFEFF\uFEFF" + line).good();
      case 2 -> text.good().bad("\uFEFF" + line);
      default -> {
        Charset charset =
            random.nextBoolean() ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
        byte[] wide = ("\uFEFF" + line).getBytes(charset);
        Files.write(file, wide);
        return new Known(1, 0);
      }
    }
    return text.write(file);
  }

  /** A lone carriage return ends no line: what it parts is one row, and no JSON. */
  private static Known lineEnds(Path folder, SplittableRandom random) throws IOException {
    HostileText text = new HostileText(random);
    for (int i = random.nextInt(1, 6); i > 0; i--) {
      String line = HostileText.goodJson(random);
      switch (random.nextInt(5)) {
        case 0 -> text.sample(line + "\r");
        case 1 -> text.bad(line + "\r" + HostileText.goodJson(random));
        case 2 -> text.sample(line).raw("\n \t\n\r\n");
        case 3 -> text.sample(line.replace(":", ":\r"));
        default -> text.bad(line + "\u2028" + HostileText.goodJson(random));
      }
    }
    return text.raw("\n\n").write(folder.resolve("ends.jsonl"));
  }

  private static Known tooLong(Path folder, SplittableRandom random) throws IOException {
    HostileText text = new HostileText(random).good();
    String start = "{\"input\": \"a\", \"target\": \"";
    int over = random.nextInt(-1, 2) * random.nextInt(1, 5000);
    String line = start + "x".repeat(SHORT_ROW + over - start.length() - 2) + "\"}";
    if (over > 0) {
      text.bad(line);
    } else {
      text.sample(line);
    }
    return text.good().write(folder.resolve("long.jsonl"));
  }

  private static Known huge(Path folder, SplittableRandom random) throws IOException {
    byte[] good = HostileText.utf8(HostileText.goodJson(random) + "\n");
    byte[] piece = HostileText.utf8(HostileText.word(random).repeat(1000));
    try (OutputStream out =
        new BufferedOutputStream(Files.newOutputStream(folder.resolve("huge.jsonl")))) {
      out.write(good);
      for (long written = 0; written < LONG_LINE; written += piece.length) {
        out.write(piece);
      }
      out.write('\n');
      out.write(good);
    }
    return new Known(3, 2);
  }

  private static Known flipped(Path folder, SplittableRandom random) throws IOException {
    HostileText text = new HostileText(random);
    for (int i = random.nextInt(2, 20); i > 0; i--) {
      text.good();
    }
    byte[] bytes = HostileBytes.flipped(text.bytes(), random);
    Files.write(folder.resolve("flipped.jsonl"), bytes);
    return new Known(lines(bytes), -1);
  }

  private static Known noise(Path folder, SplittableRandom random) throws IOException {
    byte[] bytes = new byte[random.nextInt(0, 3000)];
    random.nextBytes(bytes);
    Files.write(folder.resolve("noise.jsonl"), bytes);
    return new Known(lines(bytes), 0);
  }

  /** Lines that are not blank, counted apart from the code that is put to the test. */
  static long lines(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    String unmarked = text.startsWith("\u00EF\u00BB\u00BF") ? text.substring(3) : text;
    return Arrays.stream(unmarked.split("\n")).filter(l -> !l.matches("[ \t]*\r?")).count();
  }
}
