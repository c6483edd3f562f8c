package io.recant.jobs.inject;

import io.recant.core.error.ConfigException;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** How many rows an injector damages: exactly one of a share and a number, as it is published. */
record Extent(Optional<Double> share, Optional<Long> count) {

  /**
   * @throws IllegalArgumentException unless one of them is set, and one only
   */
  Extent {
    requireOne(share, count);
  }

  /**
   * What settings with a share and a number are held to when they are bound.
   *
   * @throws IllegalArgumentException unless one of them is set, and one only
   */
  static void requireOne(Optional<?> share, Optional<?> count) {
    if (share.isPresent() == count.isPresent()) {
      throw new IllegalArgumentException(
          share.isPresent()
              ? "share and count: set one of them, not both"
              : "share, count: set one of them, as how many rows to damage");
    }
  }

  /**
   * Draws the rows to damage. Of fewer rows than a share asks for, all are drawn: it is what
   * injectors before have left. A number is one that a publication gives, and no other will do.
   *
   * @param eligible the rows that can be damaged
   * @param all the rows that the share is one of
   * @param injector its name, for the message
   * @throws ConfigException when fewer rows than the number can be damaged
   */
  Dataset<Row> draw(Dataset<Row> eligible, Dataset<Row> all, String injector, long seed) {
    if (share.isPresent()) {
      return Chosen.rows(eligible, Math.round(share.get() * all.count()), seed);
    }
    long wanted = count.orElseThrow();
    long there = eligible.count();
    if (there < wanted) {
      throw new ConfigException(
          "%s.count: %,d rows are to be damaged, and only %,d can be"
              .formatted(injector, wanted, there));
    }
    return Chosen.rows(eligible, wanted, seed);
  }
}
