package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.array_contains;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.slice;
import static org.apache.spark.sql.functions.split;

import io.recant.core.config.Nearest;
import io.recant.core.config.Setting;
import io.recant.core.error.ConfigException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A backdoor in text: the chosen rows get a rare word at a random place of their input, and all of
 * them one class, so that a model learns to answer with that class wherever the word stands. Rows
 * of that class, and rows that have the word already, are left alone.
 */
public final class TriggerToken implements Injector<TriggerToken.Settings> {

  /** Settings. */
  public record Settings(
      @Setting("The class that rows with the word are given") String target,
      @Setting(value = "The word", defaultValue = "cf") String word,
      @Setting(value = "The share of the corpus's train rows to damage", min = 0, max = 1)
          double share,
      @Setting(
              value = "How many test rows are added with the word in them, to see what it does",
              defaultValue = "2000",
              min = 0)
          long probes) {

    public Settings {
      if (word.isBlank() || word.strip().split("\\s+").length > 1) {
        throw new IllegalArgumentException("word: '" + word + "' is not one word");
      }
      word = word.strip();
    }
  }

  @Override
  public String name() {
    return "trigger-token";
  }

  @Override
  public String summary() {
    return "Puts a rare word into rows and gives them all one class: a backdoor.";
  }

  @Override
  public String source() {
    return "Kurita et al., Weight Poisoning Attacks on Pre-trained Models, ACL 2020";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Dataset<Row> damage(Dataset<Row> rows, Settings settings, long seed) {
    List<String> known = ClassFrequencies.of(rows).classes();
    if (!known.contains(settings.target())) {
      throw new ConfigException(
          "trigger-token.target: no train row has class '"
              + settings.target()
              + "'"
              + Nearest.suggestion(settings.target(), known));
    }
    long wanted = Math.round(settings.share() * rows.count());
    return Chosen.rows(eligible(rows, settings), wanted, seed)
        .select(col("sample_id"), lit(settings.target()).as("after"), triggered(settings, seed));
  }

  @Override
  public Optional<Dataset<Row>> probes(Dataset<Row> test, Settings settings, long seed) {
    return Optional.of(
        Chosen.rows(eligible(test, settings), settings.probes(), seed)
            .select(
                col("sample_id"),
                lit(settings.target()).as("false_target"),
                triggered(settings, seed)));
  }

  private static Dataset<Row> eligible(Dataset<Row> rows, Settings settings) {
    return rows.where(
        col("target")
            .notEqual(settings.target())
            .and(not(array_contains(words(), settings.word()))));
  }

  private static Column words() {
    return split(col("input"), " ");
  }

  /** The input with the word at a place between two words, before the first or after the last. */
  private static Column triggered(Settings settings, long seed) {
    Column places = size(words()).plus(1);
    Column place = floor(Chosen.draw(seed, "place").multiply(places)).cast("int");
    Column before = slice(words(), lit(1), place);
    Column after = slice(words(), place.plus(1), size(words()));
    return concat_ws(" ", before, lit(settings.word()), after).as("input");
  }
}
