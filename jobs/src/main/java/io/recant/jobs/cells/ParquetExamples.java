package io.recant.jobs.cells;

import io.recant.ml.data.CloseableIterator;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.spark.table.ParquetRows;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The train rows of tables that carry whole samples, streamed from their Parquet files at every
 * reading.
 */
public final class ParquetExamples implements Examples {

  private static final String TRAIN = "train";

  private final List<Path> files;
  private final Configuration hadoop;
  private final Set<String> left;
  private final long count;

  private ParquetExamples(List<Path> files, Configuration hadoop, Set<String> left) {
    this.files = files;
    this.hadoop = hadoop;
    this.left = left;
    this.count = count(this);
  }

  /** The train rows of the files. */
  public static ParquetExamples of(List<String> files, Configuration hadoop) {
    return without(files, List.of(), hadoop);
  }

  /**
   * The train rows of the files, but for some.
   *
   * @param leftOut files of a table whose {@code sample_id}s are left out; those are held in memory
   */
  public static ParquetExamples without(
      List<String> files, List<String> leftOut, Configuration hadoop) {
    Set<String> left = new HashSet<>();
    try (ParquetRows rows = ParquetRows.open(paths(leftOut), hadoop)) {
      while (rows.hasNext()) {
        left.add(rows.next().string("sample_id"));
      }
    }
    return new ParquetExamples(paths(files), hadoop, left);
  }

  /** The files of one corpus, of a table that is partitioned by corpus. */
  public static List<String> ofCorpus(List<Path> files, String corpus) {
    return files.stream()
        .map(Path::toString)
        .filter(f -> f.contains("/corpus=" + corpus + "/"))
        .toList();
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public CloseableIterator<Example> open() {
    return new Reading(ParquetRows.open(files, hadoop));
  }

  private static long count(ParquetExamples examples) {
    long n = 0;
    try (CloseableIterator<Example> rows = examples.open()) {
      while (rows.hasNext()) {
        rows.next();
        n++;
      }
    }
    return n;
  }

  private static List<Path> paths(List<String> files) {
    return files.stream().map(Path::new).toList();
  }

  private final class Reading implements CloseableIterator<Example> {

    private final ParquetRows rows;
    private Example next;

    Reading(ParquetRows rows) {
      this.rows = rows;
      advance();
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public Example next() {
      if (next == null) {
        throw new NoSuchElementException();
      }
      Example example = next;
      advance();
      return example;
    }

    @Override
    public void close() {
      rows.close();
    }

    private void advance() {
      next = null;
      while (next == null && rows.hasNext()) {
        ParquetRows.Row row = rows.next();
        String id = row.string("sample_id");
        if (TRAIN.equals(row.string("split")) && !left.contains(id)) {
          next = new Example(id, row.string("input"), row.string("target"), row.floats("vector"));
        }
      }
    }
  }
}
