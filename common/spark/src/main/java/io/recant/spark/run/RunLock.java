package io.recant.spark.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.recant.core.error.BusyException;
import io.recant.core.error.StepException;
import io.recant.core.manifest.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One writer per run. The lock is a file with its owner's name in it, refreshed while the owner
 * lives; the lock of a process that is gone (same host), or that has not refreshed it for a while
 * (another host), is taken over.
 */
public final class RunLock implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RunLock.class);
  private static final Duration REFRESH = Duration.ofSeconds(20);
  private static final Duration STALE = Duration.ofMinutes(3);

  /** How far two readings of one process's start may lie apart: the system's clock is stepped. */
  private static final Duration SAME_START = Duration.ofSeconds(2);

  /**
   * Who holds the lock. The start of the process tells it from a later one of the same number: in a
   * container every driver is process 1.
   */
  record Owner(
      String token,
      String host,
      long pid,
      Instant started,
      String step,
      Instant since,
      Instant refreshed) {}

  private final RunDirectory run;
  private final Path file;
  private final Clock clock;
  private final Owner owner;
  private final ScheduledExecutorService refresher;
  private boolean closed;

  private RunLock(RunDirectory run, Path file, Clock clock, Owner owner) {
    this.run = run;
    this.file = file;
    this.clock = clock;
    this.owner = owner;
    this.refresher =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "recant-run-lock");
              thread.setDaemon(true);
              return thread;
            });
    refresher.scheduleAtFixedRate(
        this::refresh, REFRESH.toSeconds(), REFRESH.toSeconds(), TimeUnit.SECONDS);
  }

  /**
   * Takes the run's lock.
   *
   * @throws BusyException when a living process holds it; the message says which, and since when
   */
  public static RunLock acquire(RunDirectory run, String step, Clock clock) {
    Path file = new Path(run.path(), "manifests/run.lock");
    Instant now = clock.instant();
    Owner owner =
        new Owner(
            UUID.randomUUID().toString(),
            hostName(),
            ProcessHandle.current().pid(),
            started(ProcessHandle.current()),
            step,
            now,
            now);
    try {
      Optional<Owner> holder = readSettled(run.fileSystem(), file);
      if (holder.isPresent()) {
        if (isAlive(holder.get(), now)) {
          throw busy(run, holder.get(), now);
        }
        LOG.info(
            "taking over the lock of process {} on {}, which is gone",
            holder.get().pid(),
            holder.get().host());
      }
      if (run.fileSystem().exists(file)) {
        run.fileSystem().delete(file, false);
      }
      run.create(file, Json.bytes(owner));
      Owner winner = read(run.fileSystem(), file).orElse(owner);
      if (!winner.token().equals(owner.token())) {
        throw busy(run, winner, now);
      }
      return new RunLock(run, file, clock, owner);
    } catch (FileAlreadyExistsException e) {
      throw new BusyException(
          "another process has just begun to write " + run.path() + "; try again later", e);
    } catch (IOException e) {
      throw new StepException("cannot lock " + run.path() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Makes sure the lock is still ours before something is committed.
   *
   * @throws BusyException when another process has taken it over
   */
  public synchronized void check() {
    try {
      Optional<Owner> holder = read(run.fileSystem(), file);
      if (holder.isEmpty()) {
        throw new BusyException(
            "the lock "
                + file
                + " is gone: another process has taken the run over and may have removed what this"
                + " one wrote; run step "
                + owner.step()
                + " again");
      }
      if (!holder.get().token().equals(owner.token())) {
        throw busy(run, holder.get(), clock.instant());
      }
    } catch (IOException e) {
      throw new StepException("cannot read the lock " + file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    refresher.shutdown();
    try {
      if (read(run.fileSystem(), file).map(o -> o.token().equals(owner.token())).orElse(false)) {
        run.fileSystem().delete(file, false);
      }
    } catch (IOException e) {
      LOG.warn(
          "the lock {} could not be removed; the next writer finds its owner gone and takes it over",
          file,
          e);
    }
  }

  private synchronized void refresh() {
    if (closed) {
      return;
    }
    try {
      Owner refreshed =
          new Owner(
              owner.token(),
              owner.host(),
              owner.pid(),
              owner.started(),
              owner.step(),
              owner.since(),
              clock.instant());
      if (read(run.fileSystem(), file).map(o -> o.token().equals(owner.token())).orElse(false)) {
        try (var out = run.fileSystem().create(file, true)) {
          out.write(Json.bytes(refreshed));
        }
      }
    } catch (IOException e) {
      LOG.warn("the lock {} could not be refreshed", file, e);
    }
  }

  /**
   * Reads the lock; one that is there but not whole is being refreshed at this moment, or its owner
   * died while it wrote, so it is read again for a while.
   */
  private static Optional<Owner> readSettled(FileSystem fs, Path file) throws IOException {
    Optional<Owner> holder = read(fs, file);
    for (int i = 0; i < 10 && holder.isEmpty() && fs.exists(file); i++) {
      try {
        TimeUnit.MILLISECONDS.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while reading " + file, e);
      }
      holder = read(fs, file);
    }
    return holder;
  }

  private static Optional<Owner> read(FileSystem fs, Path file) throws IOException {
    Optional<JsonNode> tree = SmallFiles.readJson(fs, file);
    return tree.isEmpty() ? Optional.empty() : Optional.of(Json.value(tree.get(), Owner.class));
  }

  private static boolean isAlive(Owner holder, Instant now) {
    if (holder.host().equals(hostName())) {
      return ProcessHandle.of(holder.pid())
          .filter(ProcessHandle::isAlive)
          .map(process -> Duration.between(holder.started(), started(process)).abs())
          .map(apart -> apart.compareTo(SAME_START) <= 0)
          .orElse(false);
    }
    return Duration.between(holder.refreshed(), now).compareTo(STALE) < 0;
  }

  /** When a process began; the epoch where the system does not say. */
  private static Instant started(ProcessHandle process) {
    return process.info().startInstant().orElse(Instant.EPOCH);
  }

  private static BusyException busy(RunDirectory run, Owner holder, Instant now) {
    return new BusyException(
        run.path()
            + " is being written by process "
            + holder.pid()
            + " on "
            + holder.host()
            + " (step "
            + holder.step()
            + ", for "
            + Duration.between(holder.since(), now).toSeconds()
            + " s); wait for it, or choose another --run-id");
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
