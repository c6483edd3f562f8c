package io.recant.jobs.ingest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
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

  private final LinesAhead lines;
  private final char delimiter;
  private final int maxBytes;

  CsvRecords(LineReader lines, char delimiter, int maxBytes) {
    this.lines = new LinesAhead(lines, maxBytes, text -> within(text, delimiter));
    this.delimiter = delimiter;
    this.maxBytes = maxBytes;
  }

  /** The next record, or null at the end; blank lines are no records. */
  CsvRecord next() throws IOException {
    LineReader.Line first = lines.first();
    while (first != null && first.isBlank()) {
      lines.take(1);
      first = lines.first();
    }
    return first == null ? null : record(first);
  }

  private CsvRecord record(LineReader.Line first) throws IOException {
    if (first.isCut()) {
      return rejected(first, Rejection.tooLong(first.length(), maxBytes));
    }
    String text = first.text();
    if (text == null) {
      return rejected(first, Rejection.brokenUtf8());
    }
    Fields fields = new Fields(delimiter, State.START);
    fields.add(text);
    if (fields.problem() != null) {
      return rejected(first, new Rejection(Rejection.MALFORMED, fields.problem()));
    }
    if (fields.isComplete()) {
      return whole(fields, lines.take(1));
    }
    return switch (lines.ending()) {
      case CLOSED -> {
        List<LineReader.Line> taken = lines.takeEnded();
        taken.stream().skip(1).forEach(line -> fields.add(line.text()));
        yield whole(fields, taken);
      }
      case BROKEN ->
          rejected(
              first,
              new Rejection(Rejection.MALFORMED, "a quoted field goes on after its closing quote"));
      case OPEN ->
          rejected(first, new Rejection(Rejection.MALFORMED, "a quoted field is never closed"));
    };
  }

  /** What a line does that begins within quotes. */
  private static LinesAhead.Ending within(String text, char delimiter) {
    Fields fields = new Fields(delimiter, State.QUOTED);
    fields.add(text);
    if (fields.problem() != null) {
      return LinesAhead.Ending.BROKEN;
    }
    return fields.isComplete() ? LinesAhead.Ending.CLOSED : LinesAhead.Ending.OPEN;
  }

  private static CsvRecord whole(Fields fields, List<LineReader.Line> taken) {
    return new CsvRecord(taken.get(0).number(), fields.list(), joined(taken), null);
  }

  /** The lines after it are read as if its quote were not there. */
  private CsvRecord rejected(LineReader.Line line, Rejection rejection) {
    lines.take(1);
    return new CsvRecord(line.number(), null, line.bytes(), rejection);
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

  private enum State {
    START,
    PLAIN,
    QUOTED,
    QUOTE_IN_QUOTED
  }

  /** The fields of a record while its lines come in. */
  private static final class Fields {

    private final char delimiter;
    private final List<String> fields = new ArrayList<>();
    private final StringBuilder field = new StringBuilder();
    private State state;
    private String problem;

    Fields(char delimiter, State state) {
      this.delimiter = delimiter;
      this.state = state;
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
