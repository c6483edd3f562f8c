package io.recant.jobs.ingest;

import io.recant.core.error.InputException;
import java.io.Closeable;
import java.io.IOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;

/** The rows of one part of a file, read as they are asked for; closes the file with the task. */
final class RowIterator implements Iterator<Row> {

  /** Gives rows until there are none. */
  interface Reader extends Closeable {

    /** The next row, or null at the end. */
    RawRow next() throws IOException;
  }

  private final String uri;
  private final Reader reader;
  private RawRow ahead;

  RowIterator(String uri, Reader reader) {
    this.uri = uri;
    this.reader = reader;
    if (TaskContext.get() != null) {
      TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> close());
    }
    advance();
  }

  @Override
  public boolean hasNext() {
    return ahead != null;
  }

  @Override
  public Row next() {
    if (ahead == null) {
      throw new NoSuchElementException(uri);
    }
    Row row = ahead.toRow();
    advance();
    return row;
  }

  private void advance() {
    try {
      ahead = reader.next();
      if (ahead == null) {
        reader.close();
      }
    } catch (InputException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // decompressors throw both at damaged files
      throw FileParts.unreadable(uri, e);
    }
  }

  private void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw FileParts.unreadable(uri, e);
    }
  }
}
