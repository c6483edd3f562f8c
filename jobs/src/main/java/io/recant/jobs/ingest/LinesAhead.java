package io.recant.jobs.ingest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Lines that were read and not yet taken, for a record that may end in one of them. What a line
 * does that begins within quotes does not depend on the lines before it, so each is asked once,
 * however many lines before it leave a quote open: the work is linear in the file, whatever is in
 * it.
 */
final class LinesAhead {

  /** What becomes of a quoted field in a line that begins within it. */
  enum Ending {
    /** It goes on after the line. */
    OPEN,
    /** It ends, and the record with it. */
    CLOSED,
    /** It ends, and something follows that may not. */
    BROKEN
  }

  private final LineReader reader;
  private final int maxBytes;
  private final Function<String, Ending> within;
  private final List<LineReader.Line> lines = new ArrayList<>();
  private int first;

  /** So many lines after the first are known to be {@code OPEN}. */
  private int open;

  /** The bytes of the first and of the open lines, with an end each. */
  private long bytes;

  /** What the line after these does; null where nobody has asked. */
  private Ending ending;

  /**
   * @param maxBytes the longest record
   * @param within what a line does that begins within quotes
   */
  LinesAhead(LineReader reader, int maxBytes, Function<String, Ending> within) {
    this.reader = reader;
    this.maxBytes = maxBytes;
    this.within = within;
  }

  /** The next line, or null at the end; it stays until it is taken. */
  LineReader.Line first() throws IOException {
    return at(0);
  }

  /**
   * How a field ends that the first line leaves open; {@code OPEN} where it does not within the
   * bytes of a record, in text, before the end of the file.
   */
  Ending ending() throws IOException {
    if (open == 0) {
      bytes = size(at(0));
    }
    while (ending == null) {
      LineReader.Line line = at(open + 1);
      if (line == null || bytes + size(line) > maxBytes + 1L) {
        return Ending.OPEN;
      }
      String text = line.text();
      if (text == null) {
        return Ending.OPEN;
      }
      Ending found = within.apply(text);
      if (found == Ending.OPEN) {
        open++;
        bytes += size(line);
      } else {
        ending = found;
      }
    }
    return ending;
  }

  /** Takes the first line and all to the one in which {@link #ending} found the end. */
  List<LineReader.Line> takeEnded() {
    return take(open + 2);
  }

  /** Takes lines. */
  List<LineReader.Line> take(int count) {
    List<LineReader.Line> taken = new ArrayList<>(lines.subList(first, first + count));
    if (count <= open) {
      open -= count;
      bytes -= taken.stream().mapToLong(LinesAhead::size).sum();
    } else {
      open = 0;
      ending = null;
    }
    first += count;
    if (2 * first > lines.size()) {
      lines.subList(0, first).clear();
      first = 0;
    }
    return taken;
  }

  private LineReader.Line at(int place) throws IOException {
    while (first + place >= lines.size()) {
      LineReader.Line line = reader.next();
      if (line == null) {
        return null;
      }
      lines.add(line);
    }
    return lines.get(first + place);
  }

  private static long size(LineReader.Line line) {
    return line.length() + 1;
  }
}
