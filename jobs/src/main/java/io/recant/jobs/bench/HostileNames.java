package io.recant.jobs.bench;

import io.recant.jobs.bench.HostileKind.Known;
import io.recant.jobs.bench.HostileKind.Maker;
import io.recant.jobs.bench.HostileKind.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** Names that mean something to somebody, and links. */
final class HostileNames {

  private static final String[] NAMES = {
    "a b",
    "a*",
    "a?",
    "[ab]",
    "{a,b}",
    "a%2e%2e%2fb",
    "a..b",
    "a#b",
    "a\nb",
    "a'\"b",
    "a\\b",
    "k=v",
    "\u202egnp",
    "-rf",
    "~",
    "$(id)",
    "a;b",
    "\u00e4\ud83d\ude00",
  };

  private HostileNames() {}

  static List<HostileKind> kinds() {
    return List.of(
        kind("odd names", 40, Reading.ROW_BY_ROW, HostileKind.JSONL, HostileNames::names),
        kind(
            "odd names, Parquet",
            20,
            Reading.ROW_BY_ROW,
            HostileKind.PARQUET,
            HostileNames::parquet),
        kind("links", 40, Reading.ROW_BY_ROW, HostileKind.JSONL, HostileNames::links),
        kind(
            "names that lead nowhere",
            2,
            Reading.REFUSED,
            HostileKind.JSONL,
            HostileNames::nowhere));
  }

  private static HostileKind kind(
      String name, int share, Reading reading, String source, Maker maker) {
    return new HostileKind(name, share, reading, source, HostileKind.USUAL_ROW, maker);
  }

  private static Known names(Path folder, SplittableRandom random) throws IOException {
    Path odd = Files.createDirectories(folder.resolve(name(random)));
    Files.writeString(odd.resolve(".hidden"), "no row");
    Files.writeString(odd.resolve("_SUCCESS"), "no row");
    return new HostileText(random).good().write(odd.resolve(name(random) + ".jsonl"));
  }

  private static Known parquet(Path folder, SplittableRandom random) throws IOException {
    Path odd = Files.createDirectories(folder.resolve(name(random)));
    return HostileParquet.good(odd.resolve(name(random) + ".parquet"), random);
  }

  private static String name(SplittableRandom random) {
    return NAMES[random.nextInt(NAMES.length)];
  }

  /** A file beside a folder that is in itself, and beside one whose way out is the way in. */
  private static Known links(Path folder, SplittableRandom random) throws IOException {
    Path inner = Files.createDirectories(folder.resolve("inner/deep"));
    Known known = new HostileText(random).good().write(inner.resolve("rows.jsonl"));
    switch (random.nextInt(3)) {
      case 0 -> Files.createSymbolicLink(inner.resolve("loop"), Path.of("."));
      case 1 -> Files.createSymbolicLink(inner.resolve("up"), Path.of("../.."));
      default -> {
        Files.createSymbolicLink(folder.resolve("a"), Path.of("inner"));
        Files.createSymbolicLink(inner.resolve("b"), folder.toAbsolutePath().resolve("a"));
      }
    }
    return known;
  }

  /** A link to nothing, one to itself, and a name that Hadoop takes for an address. */
  private static Known nowhere(Path folder, SplittableRandom random) throws IOException {
    new HostileText(random).good().write(folder.resolve("rows.jsonl"));
    Path odd = folder.resolve("itself.jsonl");
    switch (random.nextInt(3)) {
      case 0 -> Files.createSymbolicLink(odd, Path.of("nowhere.jsonl"));
      case 1 -> Files.createSymbolicLink(odd, Path.of("itself.jsonl"));
      default -> new HostileText(random).good().write(folder.resolve("a:b.jsonl"));
    }
    return Known.NOTHING;
  }
}
