package io.recant.ml.train;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a run keeps what it needs to go on after its process has died. One run, one place; whoever
 * made the place removes it when the run is done.
 */
public interface SavedStates {

  /** What the run is made from. A state that was saved under another key is of no use to it. */
  String key();

  /**
   * How long to wait between two states at least, in nanoseconds: longer where a state takes long
   * to save. 0 saves at every step whatever that takes.
   */
  long everyNanos();

  /** A local directory to write states to. */
  Path directory();

  /**
   * A local copy of the state that was kept last.
   *
   * @throws io.recant.core.error.InputException when there is one that cannot be read
   */
  Optional<Path> newest();

  /**
   * Keeps a state for another life, in place of those before it: whole or not at all.
   *
   * @param state a file of {@link #directory}; names sort by age
   */
  void keep(Path state);
}
