package io.recant.jobs.cells;

import io.recant.ml.data.CloseableIterator;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.data.RememberedExamples;
import io.recant.ml.data.Span;
import io.recant.spark.table.ParquetRows;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The rows of tables that carry whole samples, streamed from their Parquet files; what fits in
 * {@value #REMEMBERED} bytes is kept in memory.
 */
public final class ParquetExamples {

  /** Heap a set may take; a cell holds two, and there are as many cells as cores. */
  private static final long REMEMBERED = 64L << 20;

  private static final Set<String> TRAIN = Set.of("train");

  private ParquetExamples() {}

  /** The train rows of the files. */
  public static Examples of(List<String> files, Configuration hadoop) {
    return of(files, TRAIN, id -> true, hadoop);
  }

  /**
   * The rows of the files that are of some splits.
   *
   * @param wanted which {@code sample_id}s count
   */
  public static Examples of(
      List<String> files, Set<String> splits, Predicate<String> wanted, Configuration hadoop) {
    return new RememberedExamples(
        () -> new Reading(ParquetRows.open(paths(files), hadoop), splits, wanted), REMEMBERED);
  }

  /** The {@code sample_id}s of a table's files; they are held in memory. */
  public static Set<String> ids(List<String> files, Configuration hadoop) {
    Set<String> ids = new HashSet<>();
    try (ParquetRows rows = ParquetRows.open(paths(files), hadoop)) {
      while (rows.hasNext()) {
        ids.add(rows.next().string("sample_id"));
      }
    }
    return ids;
  }

  /** The files of one corpus, of a table that is partitioned by corpus. */
  public static List<String> ofCorpus(List<Path> files, String corpus) {
    return files.stream()
        .map(Path::toString)
        .filter(f -> f.contains("/corpus=" + corpus + "/"))
        .toList();
  }

  private static List<Path> paths(List<String> files) {
    return files.stream().map(Path::new).toList();
  }

  private static final class Reading implements CloseableIterator<Example> {

    private final ParquetRows rows;
    private final Set<String> splits;
    private final Predicate<String> wanted;
    private Example next;

    Reading(ParquetRows rows, Set<String> splits, Predicate<String> wanted) {
      this.rows = rows;
      this.splits = Set.copyOf(splits);
      this.wanted = wanted;
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
        if (splits.contains(row.string("split")) && wanted.test(id)) {
          next =
              new Example(id, row.string("input"), row.string("target"), row.floats("vector"))
                  .withSpans(spans(row))
                  .withImage(StoredPicture.decode(row.bytes("image")))
                  .withSuggested(row.string("suggested_target"))
                  .withBadProbability(row.real("p_bad"));
        }
      }
    }

    private static List<Span> spans(ParquetRows.Row row) {
      return row.structs("spans").stream()
          .map(span -> new Span(span.integer("from"), span.integer("to")))
          .toList();
    }
  }
}
