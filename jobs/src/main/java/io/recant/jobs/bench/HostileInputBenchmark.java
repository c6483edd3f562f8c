package io.recant.jobs.bench;

import io.recant.core.config.Setting;
import io.recant.core.error.StepException;
import io.recant.jobs.bench.HostileFeeding.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Feeds step {@code ingest} files as nobody wants them: broken, cut short, too large, misnamed.
 * Each of their rows has to become a sample or to go to quarantine, or the file is refused by an
 * error that names it.
 */
public final class HostileInputBenchmark implements Benchmark<HostileInputBenchmark.Settings> {

  private static final StructType TABLE =
      (StructType)
          DataType.fromDDL(
              "kind string, files int, rows bigint, samples bigint, quarantined bigint,"
                  + " refused int, untyped_errors int, lost_rows bigint, seconds double,"
                  + " heap_peak_mib double");
  private static final double MIB = 1 << 20;

  /** Settings of {@code hostile-input}. */
  public record Settings(
      @Setting(value = "How many files", defaultValue = "10000", min = 100) int files) {}

  @Override
  public String name() {
    return "hostile-input";
  }

  @Override
  public String summary() {
    return "Bad files of every kind through ingest: no row lost, no error without a type.";
  }

  @Override
  public String source() {
    return "synthetic";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  /**
   * {@inheritDoc}
   *
   * @throws StepException when a row was lost, an error had no type, or a file was not judged as it
   *     has to be
   */
  @Override
  public void run(Settings settings, BenchContext context) {
    HostileFiles files = new HostileFiles(context.scratch().resolve("files"), context.seed());
    HostileFeeding feeding = new HostileFeeding(context.spark(), context::quietly);
    List<HostileKind> kinds = HostileFiles.kinds();
    List<Integer> counts = HostileFiles.counts(kinds, settings.files());
    List<Row> rows = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < kinds.size(); i++) {
      HostileFiles.Made made = files.make(kinds.get(i), counts.get(i));
      HeapPeak.reset();
      Outcome[] outcome = new Outcome[1];
      double seconds = context.seconds(() -> outcome[0] = feeding.feed(made));
      rows.add(row(outcome[0], seconds, HeapPeak.bytes() / MIB));
      wrong.addAll(outcome[0].wrong());
      context.note(
          "%s: %d files in %.0f seconds".formatted(outcome[0].kind(), outcome[0].files(), seconds));
      remove(context);
    }
    context.table("hostile_input", context.spark().createDataFrame(rows, TABLE));
    if (!wrong.isEmpty()) {
      throw new StepException("not as it has to be:\n  " + String.join("\n  ", wrong));
    }
  }

  private static Row row(Outcome outcome, double seconds, double heap) {
    return RowFactory.create(
        outcome.kind(),
        outcome.files(),
        outcome.rows(),
        outcome.samples(),
        outcome.quarantined(),
        outcome.refused(),
        outcome.untyped(),
        outcome.lost(),
        seconds,
        heap);
  }

  private static void remove(BenchContext context) {
    try {
      FileUtils.deleteDirectory(context.scratch().resolve("files").toFile());
      FileUtils.deleteDirectory(context.scratch().resolve("runs").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
