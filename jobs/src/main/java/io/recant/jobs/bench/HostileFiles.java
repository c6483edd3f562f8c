package io.recant.jobs.bench;

import io.recant.core.error.StepException;
import io.recant.jobs.bench.HostileKind.Known;
import io.recant.spark.step.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Bad files of every kind, the same from the same seed. Each lies in a folder of its own, {@code
 * <kind>/<number>/}, so that whatever it is called, its rows are told by their place.
 */
final class HostileFiles {

  /**
   * The files of one kind.
   *
   * @param folder holds those of {@code known}, by number
   */
  record Made(HostileKind kind, Path folder, List<Known> known) {

    Path file(int number) {
      return folder.resolve(numbered(number));
    }
  }

  private final Path root;
  private final long seed;

  HostileFiles(Path root, long seed) {
    this.root = root;
    this.seed = seed;
  }

  static List<HostileKind> kinds() {
    return Stream.of(
            HostileLines.kinds(),
            HostileCsv.kinds(),
            HostileArchives.kinds(),
            HostileNames.kinds(),
            HostileParquet.kinds())
        .flatMap(List::stream)
        .toList();
  }

  /**
   * How many of {@code files} are of each kind, at least one: rounding is made good by the first.
   */
  static List<Integer> counts(List<HostileKind> kinds, int files) {
    int shares = kinds.stream().mapToInt(HostileKind::share).sum();
    List<Integer> counts = new ArrayList<>();
    int left = files;
    for (HostileKind kind : kinds) {
      int count = Math.max(1, (int) ((long) files * kind.share() / shares));
      counts.add(count);
      left -= count;
    }
    counts.set(0, Math.max(1, counts.get(0) + left));
    return counts;
  }

  /** Writes the files of a kind. */
  Made make(HostileKind kind, int count) {
    Path folder =
        root.resolve(kind.name().replaceAll("[^A-Za-z0-9]+", "-").toLowerCase(Locale.ROOT));
    List<Known> known = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long own = Seeds.derive(seed, "hostile/" + kind.name() + "/" + i);
      try {
        Path file = Files.createDirectories(folder.resolve(numbered(i)));
        known.add(kind.maker().make(file, new SplittableRandom(own)));
      } catch (IOException e) {
        throw new StepException("cannot write below " + folder + ": " + e.getMessage(), e);
      }
    }
    return new Made(kind, folder, known);
  }

  private static String numbered(int number) {
    return String.format(Locale.ROOT, "%05d", number);
  }
}
