package io.recant.jobs.decide;

import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import io.recant.core.error.InputException;
import io.recant.spark.table.MetaKey;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Verdicts that came with the corpus: a forget set that somebody else has made. */
final class GivenVerdicts {

  private static final List<String> ACTIONS = List.of("forget", "retain", "review");

  private final MetaKey key;

  /**
   * @param key {@code meta.KEY}
   */
  GivenVerdicts(String key) {
    this.key = MetaKey.of(key);
  }

  /** Whether a sample has no verdict yet. */
  Column missing() {
    return key.value().isNull();
  }

  /**
   * Makes sure that every verdict is one.
   *
   * @throws InputException when one is not; the message names a row that has it
   */
  void check(Dataset<Row> samples) {
    List<Row> wrong =
        samples
            .where(not(missing()).and(not(key.value().isin(ACTIONS.toArray()))))
            .select(key.value().as("verdict"), samples.col("source_uri"), samples.col("source_row"))
            .limit(1)
            .collectAsList();
    if (!wrong.isEmpty()) {
      Row row = wrong.get(0);
      throw new InputException(
          "decide.given: "
              + key
              + " is '"
              + row.getString(0)
              + "' in "
              + row.getString(1)
              + ":"
              + row.getLong(2)
              + "; it has to be one of "
              + ACTIONS);
    }
  }

  /** The rows of {@code decisions} for samples that have a verdict. */
  Dataset<Row> of(Dataset<Row> samples) {
    return Verdicts.unweighed(
        samples.where(not(missing())),
        key.value(),
        format_string("given: %s is %s", lit(key.toString()), key.value()));
  }
}
