package io.recant.jobs.ingest;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Lines of a stream with their numbers, at most {@code maxBytes} of each in memory. A line ends
 * with {@code \n} or {@code \r\n}; a UTF-8 byte order mark at the head of a file is skipped.
 */
final class LineReader implements Closeable {

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  /**
   * A line.
   *
   * @param number from 1
   * @param bytes what it consists of, without its end; cut when it is longer than allowed
   * @param length its whole length in bytes
   */
  record Line(long number, byte[] bytes, long length) {

    boolean isCut() {
      return length > bytes.length;
    }

    boolean isBlank() {
      for (byte b : bytes) {
        if (b != ' ' && b != '\t') {
          return false;
        }
      }
      return true;
    }

    /** The text, or null when the bytes are not UTF-8. */
    String text() {
      try {
        return StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)
            .decode(ByteBuffer.wrap(bytes))
            .toString();
      } catch (CharacterCodingException e) {
        return null;
      }
    }
  }

  private final InputStream in;
  private final int maxBytes;
  private final byte[] buffer = new byte[1 << 16];
  private int next;
  private int filled;
  private long position;
  private long number;

  /** Reads a file from its head. */
  static LineReader ofFile(InputStream in, int maxBytes) throws IOException {
    LineReader reader = new LineReader(in, maxBytes, 0, 1);
    reader.skipByteOrderMark();
    return reader;
  }

  /**
   * Reads on in the middle of a file.
   *
   * @param in a stream that stands at the byte before {@code position}
   * @param position what comes before the first line end at or after the byte before it belongs to
   *     the reader of the part before
   * @param number the number of the first line that begins after that
   */
  static LineReader ofPart(InputStream in, int maxBytes, long position, long number)
      throws IOException {
    LineReader reader = new LineReader(in, maxBytes, position - 1, number);
    int b;
    do {
      b = reader.read();
    } while (b >= 0 && b != '\n');
    return reader;
  }

  private LineReader(InputStream in, int maxBytes, long position, long number) {
    this.in = in;
    this.maxBytes = maxBytes;
    this.position = position;
    this.number = number;
  }

  /** Where the next line begins, in bytes of the stream. */
  long position() {
    return position;
  }

  /** The next line, or null at the end. */
  Line next() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    long length = 0;
    int last = -1;
    int b = read();
    if (b < 0) {
      return null;
    }
    for (; b >= 0 && b != '\n'; b = read()) {
      if (length < maxBytes) {
        bytes.write(b);
      }
      length++;
      last = b;
    }
    byte[] content = bytes.toByteArray();
    if (last == '\r') {
      length--;
      content = RawRow.cut(content, (int) Math.min(length, content.length));
    }
    return new Line(number++, content, length);
  }

  private void skipByteOrderMark() throws IOException {
    int here = 0;
    while (here < BYTE_ORDER_MARK.length && fill(here) && buffer[here] == BYTE_ORDER_MARK[here]) {
      here++;
    }
    if (here == BYTE_ORDER_MARK.length) {
      next = here;
      position = here;
    }
  }

  /** Whether byte {@code at} of the first buffer is there, read if need be. */
  private boolean fill(int at) throws IOException {
    while (filled <= at) {
      int read = in.read(buffer, filled, buffer.length - filled);
      if (read < 0) {
        return false;
      }
      filled += read;
    }
    return true;
  }

  private int read() throws IOException {
    if (next == filled) {
      filled = Math.max(0, in.read(buffer));
      next = 0;
      if (filled == 0) {
        return -1;
      }
    }
    position++;
    return buffer[next++] & 0xFF;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
