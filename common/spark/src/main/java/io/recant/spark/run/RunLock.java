package io.recant.spark.run;

import io.recant.core.error.BusyException;
import io.recant.core.error.StepException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One writer per run, on any filesystem that shows a file to every reader once it is written: HDFS,
 * object stores and local disks do. Neither renaming nor exclusive creation is relied on; S3 has no
 * atomic one, and on local disks Hadoop looks first and creates then.
 *
 * <p>Every process that wants the run writes a claim of its own and then lists all claims. It holds
 * the run when no other living one is there, and says so in its claim. Of two processes the later
 * to write sees the other's claim, so two never hold it both. Of several that see each other, the
 * one of the smallest token waits for the others to withdraw, so one gets it.
 *
 * <p>The claim of a process that is gone (same host), or that has not refreshed it for three
 * minutes of the filesystem's own clock (another host), does not count and is removed by the next
 * holder before it does anything else. A process that was only asleep for so long finds that out in
 * {@link #check}; what it must not do is to sleep as long again between that check and its commit.
 */
public final class RunLock implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RunLock.class);
  private static final Duration REFRESH = Duration.ofSeconds(20);
  private static final Duration STALE = Duration.ofMinutes(3);

  /** How many pauses the one of the smallest token makes for the others to withdraw. */
  private static final int PATIENCE = 20;

  private static final Duration PAUSE = Duration.ofMillis(100);

  private final RunDirectory run;
  private final FileSystem fs;
  private final Path folder;
  private final Clock clock;
  private final Claim own;
  private final String step;
  private final Instant since;
  private final ScheduledExecutorService refresher;
  private boolean closed;

  private RunLock(RunDirectory run, String step, Clock clock) {
    this.run = run;
    this.fs = run.fileSystem();
    this.folder = run.manifestFolder();
    this.clock = clock;
    this.own = Claim.ofThisProcess(UUID.randomUUID().toString());
    this.step = step;
    this.since = clock.instant();
    this.refresher =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "recant-run-lock");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Takes the run's lock.
   *
   * @throws BusyException when a living process holds it; the message says which, and since when
   */
  public static RunLock acquire(RunDirectory run, String step, Clock clock) {
    RunLock lock = new RunLock(run, step, clock);
    try {
      lock.contend();
      lock.hold();
    } catch (IOException e) {
      lock.close();
      throw new StepException("cannot lock " + run.path() + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
    lock.refresher.scheduleAtFixedRate(
        lock::refresh, REFRESH.toSeconds(), REFRESH.toSeconds(), TimeUnit.SECONDS);
    return lock;
  }

  /**
   * Makes sure the lock is still ours before something is committed.
   *
   * @throws BusyException when another process has taken it over
   */
  public synchronized void check() {
    try {
      for (Claim.Listed other : others().living()) {
        if (other.holds(fs)) {
          throw busy(other);
        }
      }
    } catch (IOException e) {
      throw new StepException("cannot read the lock of " + run.path() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    refresher.shutdown();
    Path file = new Path(folder, own.fileName());
    try {
      fs.delete(file, false);
    } catch (IOException e) {
      LOG.warn("{} could not be removed; the next writer finds its owner gone", file, e);
    }
  }

  /** Returns when this process has found itself alone. */
  private void contend() throws IOException {
    write(Claim.State.CONTENDS);
    List<Claim.Listed> others = others().living();
    for (int i = 0; i < PATIENCE && !others.isEmpty(); i++) {
      for (Claim.Listed other : others) {
        if (other.holds(fs) || other.claim().token().compareTo(own.token()) < 0) {
          throw busy(other);
        }
      }
      pause();
      others = others().living();
    }
    if (!others.isEmpty()) {
      throw busy(others.get(0));
    }
  }

  /**
   * Says that this process holds the run, and looks once more: it may have slept since it looked
   * last, for so long that another has taken it for gone.
   */
  private void hold() throws IOException {
    write(Claim.State.HOLDS);
    check();
    for (Claim.Listed gone : others().gone()) {
      LOG.info(
          "taking over from process {} on {}, which is gone",
          gone.claim().pid(),
          gone.claim().host());
      fs.delete(gone.file(), false);
    }
  }

  private synchronized void refresh() {
    try {
      if (!closed) {
        // Fails where the claim is gone: another process holds the run then.
        others();
        write(Claim.State.HOLDS);
      }
    } catch (IOException | BusyException e) {
      LOG.warn("the lock of {} could not be refreshed", run.path(), e);
    }
  }

  private void write(Claim.State state) throws IOException {
    own.write(folder, fs, new Claim.Content(step, since, state));
  }

  /** The claims of other processes, by whether these live. */
  private record Others(List<Claim.Listed> living, List<Claim.Listed> gone) {}

  /**
   * Looks at all claims.
   *
   * @throws BusyException when this process's own is not there any more
   */
  private Others others() throws IOException {
    Optional<Instant> now = Optional.empty();
    List<Claim.Listed> others = new ArrayList<>();
    for (Claim.Listed listed : Claim.in(folder, fs)) {
      if (listed.claim().token().equals(own.token())) {
        now = Optional.of(listed.refreshed());
      } else {
        others.add(listed);
      }
    }
    Instant asOf = now.orElseThrow(this::gone);
    Map<Boolean, List<Claim.Listed>> byLife =
        others.stream().collect(Collectors.partitioningBy(other -> other.isAlive(asOf, STALE)));
    return new Others(byLife.get(true), byLife.get(false));
  }

  private static void pause() throws IOException {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the lock", e);
    }
  }

  private BusyException gone() {
    return new BusyException(
        "the lock "
            + new Path(folder, own.fileName())
            + " is gone: another process has taken the run over and may have removed what this"
            + " one wrote; run step "
            + step
            + " again");
  }

  private BusyException busy(Claim.Listed other) throws IOException {
    String doing =
        other
            .content(fs)
            .map(
                content ->
                    "step "
                        + content.step()
                        + ", for "
                        + Math.max(
                            0, Duration.between(content.since(), clock.instant()).toSeconds())
                        + " s")
            .orElse("it has just begun");
    return new BusyException(
        run.path()
            + " is being written by process "
            + other.claim().pid()
            + " on "
            + other.claim().host()
            + " ("
            + doing
            + "); wait for it, or choose another --run-id");
  }
}
