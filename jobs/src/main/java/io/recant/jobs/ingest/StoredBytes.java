package io.recant.jobs.ingest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import org.apache.hadoop.fs.FSDataInputStream;

/** A file of a Hadoop filesystem as Java wants one that is not read from its head to its end. */
final class StoredBytes implements SeekableByteChannel {

  private final FSDataInputStream in;
  private final long size;
  private long position;
  private boolean open = true;

  StoredBytes(FSDataInputStream in, long size) {
    this.in = in;
    this.size = size;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    checkOpen();
    if (position >= size) {
      return -1;
    }
    if (in.getPos() != position) {
      in.seek(position);
    }
    byte[] bytes = new byte[Math.min(into.remaining(), 1 << 16)];
    int read = in.read(bytes, 0, bytes.length);
    if (read > 0) {
      into.put(bytes, 0, read);
      position += read;
    }
    return read;
  }

  @Override
  public long position() throws IOException {
    checkOpen();
    return position;
  }

  @Override
  public SeekableByteChannel position(long to) throws IOException {
    checkOpen();
    if (to < 0) {
      throw new IllegalArgumentException("no file has a byte " + to);
    }
    position = to;
    return this;
  }

  @Override
  public long size() throws IOException {
    checkOpen();
    return size;
  }

  @Override
  public int write(ByteBuffer from) {
    throw new NonWritableChannelException();
  }

  @Override
  public SeekableByteChannel truncate(long to) {
    throw new NonWritableChannelException();
  }

  private void checkOpen() throws IOException {
    if (!open) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() throws IOException {
    open = false;
    in.close();
  }
}
