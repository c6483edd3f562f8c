package io.recant.jobs.ingest;

import io.recant.core.error.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** The files a path means. */
final class InputFiles {

  private static final String LOCAL = "file";

  private InputFiles() {}

  /**
   * The files of a path of any Hadoop filesystem, ordered by name: the file, the files in the
   * folder and below, or those a pattern ({@code *}, {@code ?}, {@code [..]}, {@code {a,b}})
   * matches. Names that begin with {@code .} or {@code _} are hidden from folders and patterns. On
   * a local disk a file or folder that links lead to as well is read once, by the first of its
   * names.
   *
   * @throws InputException when there is none, or a link leads nowhere
   */
  static List<FileStatus> list(String path, String corpus, Configuration hadoop) {
    List<FileStatus> files = new ArrayList<>();
    try {
      Path pattern = new Path(path);
      FileSystem fs = pattern.getFileSystem(hadoop);
      FileStatus[] matches = fs.globStatus(pattern);
      Arrays.sort(matches == null ? new FileStatus[0] : matches);
      Set<java.nio.file.Path> seen = new HashSet<>();
      for (FileStatus match : matches == null ? new FileStatus[0] : matches) {
        if (isHidden(pattern) || !isHidden(match.getPath())) {
          if (LOCAL.equals(fs.getUri().getScheme())) {
            addLocal(fs, java.nio.file.Path.of(match.getPath().toUri()), seen, files);
          } else {
            add(fs, match, files);
          }
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new InputException(
          "corpus " + corpus + ": cannot list " + path + ": " + e.getMessage(), e);
    }
    if (files.isEmpty()) {
      throw new InputException("corpus " + corpus + ": there is no file at " + path);
    }
    files.sort(Comparator.comparing(file -> file.getPath().toString()));
    return files;
  }

  private static void addLocal(
      FileSystem fs, java.nio.file.Path path, Set<java.nio.file.Path> seen, List<FileStatus> files)
      throws IOException {
    if (!Files.isDirectory(path) && !Files.isRegularFile(path)) {
      throw new InputException(path + ": is neither a file nor a folder, or a link to nothing");
    }
    if (!seen.add(path.toRealPath())) {
      return;
    }
    if (!Files.isDirectory(path)) {
      files.add(fs.getFileStatus(new Path(path.toUri())));
      return;
    }
    try (Stream<java.nio.file.Path> below = Files.list(path)) {
      for (java.nio.file.Path child : below.sorted().toList()) {
        if (!isHidden(child.getFileName().toString())) {
          addLocal(fs, child, seen, files);
        }
      }
    }
  }

  private static void add(FileSystem fs, FileStatus match, List<FileStatus> files)
      throws IOException {
    if (match.isFile()) {
      files.add(match);
      return;
    }
    RemoteIterator<LocatedFileStatus> below = fs.listFiles(match.getPath(), true);
    while (below.hasNext()) {
      FileStatus file = below.next();
      if (!isHiddenBelow(match.getPath(), file.getPath())) {
        files.add(file);
      }
    }
  }

  private static boolean isHiddenBelow(Path folder, Path file) {
    for (Path path = file; path != null && !path.equals(folder); path = path.getParent()) {
      if (isHidden(path)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isHidden(Path path) {
    return isHidden(path.getName());
  }

  /** Whether files and folders of that name are left out where they are not asked for. */
  static boolean isHidden(String name) {
    return name.startsWith(".") || name.startsWith("_");
  }
}
