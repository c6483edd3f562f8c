package io.recant.ml.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Saved states that stay in a local folder.
 *
 * @param directory the folder, which exists
 * @param kept runs at every state
 */
record FolderStates(String key, long everyNanos, Path directory, Runnable kept)
    implements SavedStates {

  @Override
  public Optional<Path> newest() {
    return files().stream().max(Comparator.naturalOrder());
  }

  @Override
  public void keep(Path state) {
    kept.run();
    for (Path file : files()) {
      if (!file.equals(state)) {
        file.toFile().delete();
      }
    }
  }

  List<Path> files() {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
