package io.recant.spark.table;

import io.recant.core.error.InputException;
import io.recant.spark.run.CommittedFiles;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;

/**
 * Streams the rows of Parquet files inside one task, without Spark SQL: a training reads its own
 * data. One row group of one file is in memory at a time, and every page is held against its
 * checksum.
 */
public final class ParquetRows implements Iterator<ParquetRows.Row>, AutoCloseable {

  private final Iterator<Path> files;
  private final Configuration hadoop;
  private ParquetReader<Group> reader;
  private Path file;
  private Group next;

  private ParquetRows(List<Path> files, Configuration hadoop) {
    this.files = files.iterator();
    this.hadoop = hadoop;
    advance();
  }

  /** A row; columns are read by name. */
  public record Row(Group group) {

    /** A text column, null where the row has none. */
    public String string(String column) {
      return present(column) ? group.getString(column, 0) : null;
    }

    /** A binary column, null where the row has none. */
    public byte[] bytes(String column) {
      return present(column) ? group.getBinary(column, 0).getBytes() : null;
    }

    /** An {@code array<float>} column, null where the row has none. */
    public float[] floats(String column) {
      if (!present(column)) {
        return null;
      }
      Group list = group.getGroup(column, 0);
      float[] values = new float[list.getFieldRepetitionCount(0)];
      for (int i = 0; i < values.length; i++) {
        values[i] = list.getGroup(0, i).getFloat(0, 0);
      }
      return values;
    }

    /** The texts of an {@code array<string>} column, none where the row has none. */
    public List<String> strings(String column) {
      if (!present(column)) {
        return List.of();
      }
      Group list = group.getGroup(column, 0);
      return IntStream.range(0, list.getFieldRepetitionCount(0))
          .mapToObj(i -> list.getGroup(0, i).getString(0, 0))
          .toList();
    }

    /** An {@code int} column that every row has. */
    public int integer(String column) {
      return group.getInteger(column, 0);
    }

    /** A {@code double} column, empty where the row has none. */
    public OptionalDouble real(String column) {
      return present(column)
          ? OptionalDouble.of(group.getDouble(column, 0))
          : OptionalDouble.empty();
    }

    /** The elements of an {@code array<struct>} column, none where the row has none. */
    public List<Row> structs(String column) {
      if (!present(column)) {
        return List.of();
      }
      Group list = group.getGroup(column, 0);
      return IntStream.range(0, list.getFieldRepetitionCount(0))
          .mapToObj(i -> new Row(list.getGroup(0, i).getGroup(0, 0)))
          .toList();
    }

    private boolean present(String column) {
      return group.getType().containsField(column) && group.getFieldRepetitionCount(column) > 0;
    }
  }

  /** Opens the files, read one after the other in the given order. */
  public static ParquetRows open(List<Path> files, Configuration hadoop) {
    return new ParquetRows(files, hadoop);
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public Row next() {
    if (next == null) {
      throw new NoSuchElementException();
    }
    Row row = new Row(next);
    advance();
    return row;
  }

  @Override
  public void close() {
    try {
      if (reader != null) {
        reader.close();
        reader = null;
      }
    } catch (IOException e) {
      throw new InputException("cannot close " + file + ": " + e.getMessage(), e);
    }
  }

  private void advance() {
    try {
      next = reader == null ? null : reader.read();
      while (next == null && files.hasNext()) {
        close();
        file = files.next();
        reader =
            ParquetReader.builder(new GroupReadSupport(), file)
                .withConf(hadoop)
                .usePageChecksumVerification()
                .build();
        next = reader.read();
      }
      if (next == null) {
        close();
      }
    } catch (IOException | RuntimeException e) {
      // Parquet throws both at a file that is cut short.
      throw CommittedFiles.unreadable(file.toString(), e);
    }
  }
}
