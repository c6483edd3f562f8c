package io.recant.jobs.ingest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The records of a CSV file (RFC 4180): fields may be quoted, a quote in them is doubled, and a
 * quoted field may go over several lines. A quote that is never closed costs its own line only: the
 * lines after it are read again as if it were not there.
 */
final class CsvRecords {

  /**
   * A record.
   *
   * @param number the line it begins in
   * @param fields its fields; null when it is rejected
   * @param bytes the whole of it, lines joined by {@code \n}, cut at the allowed length
   */
  record CsvRecord(long number, List<String> fields, byte[] bytes, Rejection rejection) {}

  private final LineReader lines;
  private final Deque<LineReader.Line> again = new ArrayDeque<>();
  private final char delimiter;
  private final int maxBytes;

  CsvRecords(LineReader lines, char delimiter, int maxBytes) {
    this.lines = lines;
    this.delimiter = delimiter;
    this.maxBytes = maxBytes;
  }

  /** The next record, or null at the end; blank lines are no records. */
  CsvRecord next() throws IOException {
    LineReader.Line first = line();
    while (first != null && first.isBlank()) {
      first = line();
    }
    return first == null ? null : record(first);
  }

  private CsvRecord record(LineReader.Line first) throws IOException {
    List<LineReader.Line> taken = new ArrayList<>();
    Fields fields = new Fields(delimiter);
    long length = 0;
    for (LineReader.Line line = first; line != null; line = line()) {
      taken.add(line);
      length += line.length() + 1;
      if (line.isCut() || taken.size() > 1 && length > maxBytes + 1L) {
        return taken.size() == 1
            ? rejected(first, Rejection.tooLong(first.length(), maxBytes))
            : unclosed(taken);
      }
      String text = line.text();
      if (text == null) {
        return taken.size() == 1 ? rejected(first, Rejection.brokenUtf8()) : unclosed(taken);
      }
      fields.add(text);
      if (fields.problem() != null) {
        giveBack(taken);
        return rejected(first, new Rejection(Rejection.MALFORMED, fields.problem()));
      }
      if (fields.isComplete()) {
        return new CsvRecord(first.number(), fields.list(), joined(taken), null);
      }
    }
    return unclosed(taken);
  }

  private CsvRecord unclosed(List<LineReader.Line> taken) {
    giveBack(taken);
    return rejected(
        taken.get(0), new Rejection(Rejection.MALFORMED, "a quoted field is never closed"));
  }

  /** All but the first line is to be read again. */
  private void giveBack(List<LineReader.Line> taken) {
    for (int i = taken.size() - 1; i >= 1; i--) {
      again.addFirst(taken.get(i));
    }
  }

  private CsvRecord rejected(LineReader.Line line, Rejection rejection) {
    return new CsvRecord(line.number(), null, line.bytes(), rejection);
  }

  private LineReader.Line line() throws IOException {
    return again.isEmpty() ? lines.next() : again.removeFirst();
  }

  private static byte[] joined(List<LineReader.Line> taken) {
    if (taken.size() == 1) {
      return taken.get(0).bytes();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (LineReader.Line line : taken) {
      if (bytes.size() > 0) {
        bytes.write('\n');
      }
      bytes.writeBytes(line.bytes());
    }
    return bytes.toByteArray();
  }

  /** The fields of a record while its lines come in. */
  private static final class Fields {

    private enum State {
      START,
      PLAIN,
      QUOTED,
      QUOTE_IN_QUOTED
    }

    private final char delimiter;
    private final List<String> fields = new ArrayList<>();
    private final StringBuilder field = new StringBuilder();
    private State state = State.START;
    private String problem;

    Fields(char delimiter) {
      this.delimiter = delimiter;
    }

    void add(String line) {
      if (state == State.QUOTED) {
        field.append('\n');
      }
      for (int i = 0; i < line.length() && problem == null; i++) {
        add(line.charAt(i));
      }
      if (state != State.QUOTED) {
        end();
      }
    }

    private void add(char c) {
      switch (state) {
        case START, PLAIN -> {
          if (c == delimiter) {
            end();
          } else if (c == '"' && state == State.START) {
            state = State.QUOTED;
          } else {
            field.append(c);
            state = State.PLAIN;
          }
        }
        case QUOTED -> {
          if (c == '"') {
            state = State.QUOTE_IN_QUOTED;
          } else {
            field.append(c);
          }
        }
        case QUOTE_IN_QUOTED -> {
          if (c == delimiter) {
            end();
          } else if (c == '"') {
            field.append(c);
            state = State.QUOTED;
          } else {
            problem = "field " + (fields.size() + 1) + " goes on after its closing quote";
          }
        }
      }
    }

    private void end() {
      fields.add(field.toString());
      field.setLength(0);
      state = State.START;
    }

    boolean isComplete() {
      return state != State.QUOTED;
    }

    String problem() {
      return problem;
    }

    List<String> list() {
      return fields;
    }
  }
}
