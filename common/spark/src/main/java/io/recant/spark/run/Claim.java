package io.recant.spark.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.manifest.Json;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * One process's claim to write a run: a file that no other process writes. Who made it stands in
 * its name, so that a claim cut short still says whose it is.
 *
 * @param host where the process runs
 * @param pid its number there
 * @param started when it began, which tells it from a later one of the same number: in a container
 *     every driver is process 1
 * @param token unique to this claim
 */
record Claim(String host, long pid, Instant started, String token) {

  private static final String PREFIX = "run.lock.";

  /** How far two readings of one process's start may lie apart: the system's clock is stepped. */
  private static final Duration SAME_START = Duration.ofSeconds(2);

  /** What a claim's owner does. */
  enum State {
    /** It looks whether it is alone. */
    CONTENDS,
    /** It has found itself alone. */
    HOLDS
  }

  /** What stands in the file. */
  record Content(String step, Instant since, State state) {}

  /**
   * A claim as a listing shows it.
   *
   * @param refreshed when the file was last written, by the filesystem's clock
   */
  record Listed(Claim claim, Path file, Instant refreshed) {

    /** What stands in it; empty while its owner writes it, or where its owner died doing so. */
    Optional<Content> content(FileSystem fs) throws IOException {
      Optional<JsonNode> tree = SmallFiles.readJson(fs, file);
      return tree.isEmpty() ? Optional.empty() : Optional.of(Json.value(tree.get(), Content.class));
    }

    /** Whether its owner says that it holds the run. */
    boolean holds(FileSystem fs) throws IOException {
      return content(fs).filter(content -> content.state() == State.HOLDS).isPresent();
    }

    /**
     * Whether its owner lives: on this host the system knows; elsewhere it does when it has
     * refreshed its claim not long before {@code now}, a time by the filesystem's clock as well.
     */
    boolean isAlive(Instant now, Duration stale) {
      return claim.host().equals(hostName())
          ? claim.isRunning()
          : Duration.between(refreshed, now).compareTo(stale) < 0;
    }
  }

  /** A new claim of this process. */
  static Claim ofThisProcess(String token) {
    ProcessHandle self = ProcessHandle.current();
    return new Claim(hostName(), self.pid(), started(self), token);
  }

  /** All claims in a folder; none when there is no such folder. */
  static List<Listed> in(Path folder, FileSystem fs) throws IOException {
    List<Listed> claims = new ArrayList<>();
    try {
      for (FileStatus file : fs.listStatus(folder)) {
        parse(file.getPath().getName())
            .map(
                claim ->
                    new Listed(
                        claim, file.getPath(), Instant.ofEpochMilli(file.getModificationTime())))
            .ifPresent(claims::add);
      }
    } catch (FileNotFoundException e) {
      return List.of();
    }
    return claims;
  }

  /** The file's name. */
  String fileName() {
    return PREFIX + host + "." + pid + "." + started.toEpochMilli() + "." + token;
  }

  /** Writes the claim, or writes it again. */
  void write(Path folder, FileSystem fs, Content content) throws IOException {
    try (OutputStream out = fs.create(new Path(folder, fileName()), true)) {
      out.write(Json.bytes(content));
    }
  }

  private static Optional<Claim> parse(String fileName) {
    if (!fileName.startsWith(PREFIX)) {
      return Optional.empty();
    }
    String[] parts = fileName.substring(PREFIX.length()).split("\\.");
    int last = parts.length - 1;
    try {
      return Optional.of(
          new Claim(
              String.join(".", List.of(parts).subList(0, last - 2)),
              Long.parseLong(parts[last - 2]),
              Instant.ofEpochMilli(Long.parseLong(parts[last - 1])),
              parts[last]));
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private boolean isRunning() {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .map(process -> Duration.between(started, started(process)).abs())
        .map(apart -> apart.compareTo(SAME_START) <= 0)
        .orElse(false);
  }

  /** When a process began; the epoch where the system does not say. */
  private static Instant started(ProcessHandle process) {
    return process.info().startInstant().orElse(Instant.EPOCH);
  }

  /** This host's name; where it has none, one that no other host takes for its own. */
  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      ProcessHandle self = ProcessHandle.current();
      return "unnamed-" + self.pid() + "-" + started(self).toEpochMilli();
    }
  }
}
