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

import io.recant.core.config.Setting;
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
      @Setting(value = Backdoor.SHARE, defaultValue = "null", min = 0, max = 1)
          Optional<Double> share,
      @Setting(value = Backdoor.COUNT, defaultValue = "null", min = 0) Optional<Long> count,
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
      Extent.requireOne(share, count);
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
    return backdoor(settings, seed)
        .damage(rows, new Extent(settings.share(), settings.count()), seed);
  }

  @Override
  public Optional<Dataset<Row>> probes(Dataset<Row> test, Settings settings, long seed) {
    return Optional.of(backdoor(settings, seed).probes(test, settings.probes(), seed));
  }

  private Backdoor backdoor(Settings settings, long seed) {
    return new Backdoor(
        name(),
        settings.target(),
        not(array_contains(words(), settings.word())),
        triggered(settings, seed));
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
