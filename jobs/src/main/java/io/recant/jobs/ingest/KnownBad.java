package io.recant.jobs.ingest;

import io.recant.core.config.Setting;
import io.recant.spark.table.MetaKey;
import java.util.Optional;

/** Which rows of a corpus somebody knows to be bad. */
public record KnownBad(
    @Setting(
            value =
                "meta.KEY: the rows whose value there is true, yes, bad or 1 (others: false, no,"
                    + " good, 0 or nothing)",
            defaultValue = "null")
        Optional<String> column,
    @Setting(
            value = "A JSONL, CSV or Parquet file, by its ending, with a row for each bad one",
            defaultValue = "null")
        Optional<String> path,
    @Setting(value = "The column of that file with the rows' own ids", defaultValue = "id")
        String id) {

  public KnownBad {
    if (column.isPresent() == path.isPresent()) {
      throw new IllegalArgumentException("known_bad: give column or path, one of the two");
    }
    column.ifPresent(
        key -> {
          if (!MetaKey.is(key)) {
            throw new IllegalArgumentException("known_bad.column: '" + key + "' is not meta.KEY");
          }
        });
  }
}
