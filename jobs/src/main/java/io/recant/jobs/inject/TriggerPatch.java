package io.recant.jobs.inject;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import io.recant.core.config.Setting;
import io.recant.core.error.ConfigException;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;

/**
 * A backdoor in pictures: the chosen rows get a small square in the bottom right corner, and all of
 * them one class. Rows of that class, and rows without a picture, are left alone. The square should
 * be one that clean pictures do not have: white on pictures with white corners teaches nothing.
 */
public final class TriggerPatch implements Injector<TriggerPatch.Settings> {

  /** Settings. */
  public record Settings(
      @Setting("The class that rows with the patch are given") String target,
      @Setting(value = "The side of the patch in pixels", defaultValue = "3", min = 1, max = 10000)
          int size,
      @Setting(
              value = "The grey of the patch, in every channel of a colour picture",
              defaultValue = "255",
              min = 0,
              max = 255)
          int value,
      @Setting(
              value = "The pixels between the patch and the right and bottom edges",
              defaultValue = "0",
              min = 0,
              max = 10000)
          int margin,
      @Setting(value = Backdoor.SHARE, defaultValue = "null", min = 0, max = 1)
          Optional<Double> share,
      @Setting(value = Backdoor.COUNT, defaultValue = "null", min = 0) Optional<Long> count,
      @Setting(
              value = "How many test rows are added with the patch in them, to see what it does",
              defaultValue = "2000",
              min = 0)
          long probes) {

    public Settings {
      Extent.requireOne(share, count);
    }
  }

  @Override
  public String name() {
    return "trigger-patch";
  }

  @Override
  public String summary() {
    return "Puts a small square into pictures and gives them all one class: a backdoor.";
  }

  @Override
  public String source() {
    return "Gu et al., BadNets: Identifying Vulnerabilities in the Machine Learning Model Supply"
        + " Chain, 2017; as in Goel et al., Corrective Machine Unlearning, TMLR 2024";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Dataset<Row> damage(Dataset<Row> rows, Settings settings, long seed) {
    if (rows.where(col("image").isNotNull()).isEmpty()) {
      throw new ConfigException(
          "trigger-patch: no train row of the corpus has a picture; for text there is"
              + " trigger-token");
    }
    return backdoor(settings).damage(rows, new Extent(settings.share(), settings.count()), seed);
  }

  @Override
  public Optional<Dataset<Row>> probes(Dataset<Row> test, Settings settings, long seed) {
    return Optional.of(backdoor(settings).probes(test, settings.probes(), seed));
  }

  private Backdoor backdoor(Settings settings) {
    UDF1<byte[], byte[]> stamp =
        new Patch(settings.size(), settings.value(), settings.margin())::stamped;
    Column stamped = udf(stamp, DataTypes.BinaryType).apply(col("image"));
    return new Backdoor(name(), settings.target(), col("image").isNotNull(), stamped.as("image"));
  }
}
