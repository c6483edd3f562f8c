package io.recant.ml.data;

import java.util.Iterator;

/** An iterator that may hold a file open until closed. */
public interface CloseableIterator<T> extends Iterator<T>, AutoCloseable {

  @Override
  void close();
}
