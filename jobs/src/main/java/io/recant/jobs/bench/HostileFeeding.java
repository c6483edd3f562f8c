package io.recant.jobs.bench;

import io.recant.core.error.RecantException;
import io.recant.core.table.Table;
import io.recant.jobs.bench.HostileFiles.Made;
import io.recant.jobs.bench.HostileKind.Known;
import io.recant.jobs.bench.HostileKind.Reading;
import io.recant.spark.run.RunDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Feeds bad files to step {@code ingest} and counts what became of them. */
final class HostileFeeding {

  /**
   * What became of the files of a kind.
   *
   * @param rows that they have, of the files that were not refused
   * @param refused files that an error with a type names
   * @param untyped files at which another error ended the step
   * @param wrong files that were to be refused and were not, or the other way round, or with other
   *     rows or samples than they have: the first few, in words
   */
  record Outcome(
      String kind,
      int files,
      long rows,
      long samples,
      long quarantined,
      int refused,
      int untyped,
      long lost,
      List<String> wrong) {}

  private static final int WRONG_SHOWN = 5;
  private static final Pattern NUMBER = Pattern.compile("/(\\d{5})/");

  private final SparkSession spark;
  private final Function<String, RunDirectory> pipeline;
  private int runs;

  /**
   * @param pipeline runs the steps of a configuration's YAML text without {@code run.root}
   */
  HostileFeeding(SparkSession spark, Function<String, RunDirectory> pipeline) {
    this.spark = spark;
    this.pipeline = pipeline;
  }

  /** Files of which each row has its fate are read together, others one by one. */
  Outcome feed(Made made) {
    Tally tally = new Tally(made);
    if (made.kind().reading() == Reading.ROW_BY_ROW) {
      tally.read(made.folder(), 0, made.known().size());
    } else {
      for (int i = 0; i < made.known().size(); i++) {
        tally.read(made.file(i), i, i + 1);
      }
    }
    return tally.outcome();
  }

  private final class Tally {

    private final Made made;
    private final List<String> wrong = new ArrayList<>();
    private long rows;
    private long samples;
    private long quarantined;
    private long lost;
    private int refused;
    private int untyped;

    Tally(Made made) {
      this.made = made;
    }

    /** Reads the files {@code from} to before {@code to}, which lie below {@code path}. */
    void read(Path path, int from, int to) {
      try {
        RunDirectory run = pipeline.apply(yaml(path));
        if (made.kind().reading() == Reading.REFUSED) {
          wrong.add(path + " was not refused");
        }
        compare(run, from, to);
      } catch (RecantException e) {
        refused += to - from;
        if (made.kind().reading() == Reading.ROW_BY_ROW) {
          wrong.add("refused: " + e.getMessage());
        }
        if (!e.getMessage().contains(made.folder().getFileName().toString())) {
          wrong.add(path + " is not named: " + e.getMessage());
        }
      } catch (Exception | LinkageError e) { // whatever it is, it is what is looked for
        untyped += to - from;
        wrong.add(path + ": " + e.toString().lines().findFirst().orElse(""));
      }
    }

    private String yaml(Path path) {
      return """
          run: {id: %s-%d, seed: 1, shards: 1}
          steps: [ingest]
          ingest:
            max_quarantine: 1
            max_row_bytes: %d
            corpora: [{name: hostile, task: generation, source: {%s, path: '%s'}}]
          """
          .formatted(
              made.folder().getFileName(),
              runs++,
              made.kind().maxRowBytes(),
              made.kind().source(),
              path.toAbsolutePath());
    }

    private void compare(RunDirectory run, int from, int to) {
      long[] foundSamples = byFile(run, Table.SAMPLES);
      long[] foundBad = byFile(run, Table.QUARANTINE);
      for (int i = from; i < to; i++) {
        Known known = made.known().get(i);
        rows += known.rows();
        samples += foundSamples[i];
        quarantined += foundBad[i];
        lost += Math.abs(known.rows() - foundSamples[i] - foundBad[i]);
        if (known.rows() != foundSamples[i] + foundBad[i]
            || known.samples() >= 0 && known.samples() != foundSamples[i]) {
          wrong.add(
              "%s: %d samples and %d in quarantine, known is %s"
                  .formatted(made.file(i), foundSamples[i], foundBad[i], known));
        }
      }
    }

    private long[] byFile(RunDirectory run, Table table) {
      long[] counts = new long[made.known().size()];
      if (run.rows(table) == 0) {
        return counts;
      }
      for (Row row :
          RunTables.read(spark, run, table).groupBy("source_uri").count().collectAsList()) {
        String place = row.getString(0).substring(row.getString(0).indexOf(folder()));
        Matcher number = NUMBER.matcher(place);
        if (number.find()) {
          counts[Integer.parseInt(number.group(1))] += row.getLong(1);
        }
      }
      return counts;
    }

    private String folder() {
      return "/" + made.folder().getFileName() + "/";
    }

    Outcome outcome() {
      return new Outcome(
          made.kind().name(),
          made.known().size(),
          rows,
          samples,
          quarantined,
          refused,
          untyped,
          lost,
          wrong.stream().limit(WRONG_SHOWN).toList());
    }
  }
}
