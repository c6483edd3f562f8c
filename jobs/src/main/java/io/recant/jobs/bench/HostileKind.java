package io.recant.jobs.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * A kind of bad input.
 *
 * @param share how many files are of it, in proportion to the shares of the others
 * @param reading what the step has to make of such files
 * @param source the source that reads them, and its settings but the path, as YAML
 * @param maxRowBytes the step's setting of that name
 * @param maker makes one
 */
record HostileKind(
    String name, int share, Reading reading, String source, int maxRowBytes, Maker maker) {

  static final String JSONL = "name: jsonl";
  static final String CSV = "name: csv";
  static final String PARQUET = "name: parquet";
  static final int USUAL_ROW = 1 << 20;

  /** What has to become of a file. */
  enum Reading {
    /** Each of its rows is a sample or in quarantine, as {@link Known} says. */
    ROW_BY_ROW,
    /** It is refused as a whole, by an error with a type. */
    REFUSED,
    /** Either of the two: a flipped bit may hit what nobody needs. */
    EITHER
  }

  /**
   * What is known of a file.
   *
   * @param rows how many rows it has
   * @param samples how many of them become samples; -1 where nobody can know
   */
  record Known(long rows, long samples) {

    static final Known NOTHING = new Known(0, 0);
  }

  /** Makes a bad file, always the same from the same random numbers. */
  interface Maker {

    /** Writes it, or what belongs together, into a folder of its own. */
    Known make(Path folder, SplittableRandom random) throws IOException;
  }
}
