package io.recant.jobs.ingest;

import io.recant.core.error.InputException;
import java.util.Iterator;
import org.apache.spark.sql.Row;

/**
 * The rows of one task, parsed as they are asked for. Whatever goes wrong while the next one is
 * read is the input's fault, for damaged files make readers and decompressors fail in any way.
 */
final class ParsedRows implements Iterator<Row> {

  private final String corpus;
  private final Iterator<Row> rows;
  private final RowParser parser;
  private RawRow last;

  ParsedRows(String corpus, Iterator<Row> rows, RowParser parser) {
    this.corpus = corpus;
    this.rows = rows;
    this.parser = parser;
  }

  @Override
  public boolean hasNext() {
    try {
      return rows.hasNext();
    } catch (InputException e) {
      throw e;
    } catch (Exception e) { // Spark throws checked exceptions that Java does not know of
      throw unreadable(e);
    }
  }

  @Override
  public Row next() {
    try {
      last = RawRow.from(rows.next());
    } catch (InputException e) {
      throw e;
    } catch (Exception e) { // Spark throws checked exceptions that Java does not know of
      throw unreadable(e);
    }
    return parser.parse(last).toRow();
  }

  private InputException unreadable(Exception e) {
    String place =
        last == null
            ? "before the first row of a task"
            : "after " + last.sourceUri() + ":" + last.sourceRow();
    return new InputException(
        "corpus "
            + corpus
            + " cannot be read "
            + place
            + " ("
            + e.getMessage()
            + "); replace the file or leave it out",
        e);
  }
}
