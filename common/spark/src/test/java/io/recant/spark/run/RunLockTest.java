package io.recant.spark.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.BusyException;
import io.recant.core.error.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunLockTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  private static final String TOKEN = "token";

  @TempDir private Path folder;
  private RunDirectory run;
  private Path manifests;

  @BeforeEach
  void begin() throws IOException {
    run = RunDirectory.open(folder.toUri().toString(), "run", new Configuration());
    manifests = Files.createDirectories(folder.resolve("run/manifests"));
  }

  @Test
  void theSecondHolderIsToldWhoHoldsIt() {
    try (RunLock first = RunLock.acquire(run, "detect", CLOCK)) {
      assertThatThrownBy(() -> RunLock.acquire(run, "decide", CLOCK))
          .isInstanceOfSatisfying(
              BusyException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.TRY_AGAIN))
          .hasMessageContainingAll("process " + ProcessHandle.current().pid(), "step detect");
      first.check();
    }
    assertThat(manifests).isEmptyDirectory();
    RunLock.acquire(run, "decide", CLOCK).close();
  }

  @Test
  void aLivingProcessOfThisMachineKeepsItsLockHoweverOld() throws Exception {
    Process other = new ProcessBuilder("sleep", "60").start();
    try {
      write(claim(hostName(), other.toHandle()), NOW.minus(Duration.ofDays(2)));
      assertThatThrownBy(() -> RunLock.acquire(run, "decide", CLOCK))
          .isInstanceOf(BusyException.class)
          .hasMessageContainingAll("process " + other.pid(), "for 172800 s");
    } finally {
      other.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
    try (RunLock taken = RunLock.acquire(run, "decide", CLOCK)) {
      taken.check();
    }
  }

  /** In a container every driver is process 1: the number alone does not say who it is. */
  @Test
  void aLaterProcessOfTheSameNumberIsAnother() throws IOException {
    ProcessHandle me = ProcessHandle.current();
    Instant earlier = me.info().startInstant().orElseThrow().minusSeconds(60);
    write(new Claim(hostName(), me.pid(), earlier, TOKEN), NOW);

    try (RunLock taken = RunLock.acquire(run, "decide", CLOCK)) {
      taken.check();
    }
  }

  @Test
  void anotherMachineHoldsItUntilItStopsRefreshing() throws IOException {
    Claim other = claim("elsewhere.example", ProcessHandle.current());
    Path file = write(other, NOW);
    refreshed(file, Duration.ofSeconds(170));
    assertThatThrownBy(() -> RunLock.acquire(run, "decide", CLOCK))
        .isInstanceOf(BusyException.class)
        .hasMessageContaining("elsewhere.example");

    refreshed(file, Duration.ofSeconds(190));
    try (RunLock taken = RunLock.acquire(run, "decide", CLOCK)) {
      taken.check();
      assertThat(file).as("its owner finds out when it wakes").doesNotExist();
    }
  }

  /** Whose it is stands in its name. */
  @Test
  void aLockThatWasNotWrittenToItsEndIsTakenOverWhenItsOwnerIsGone() throws Exception {
    Process other = new ProcessBuilder("sleep", "60").start();
    Path file = manifests.resolve(claim(hostName(), other.toHandle()).fileName());
    Files.writeString(file, "{\"step\": \"x\", \"si");
    try {
      assertThatThrownBy(() -> RunLock.acquire(run, "decide", CLOCK))
          .isInstanceOf(BusyException.class)
          .hasMessageContaining("process " + other.pid());
    } finally {
      other.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
    try (RunLock taken = RunLock.acquire(run, "decide", CLOCK)) {
      taken.check();
      assertThat(file).doesNotExist();
    }
  }

  /** The owner rewrites its lock now and then; a reader in that moment must not take it over. */
  @Test
  void aLockThatIsJustBeingRefreshedIsNotTakenOver() throws IOException {
    Path file = manifests.resolve(claim("elsewhere.example", ProcessHandle.current()).fileName());
    Files.writeString(file, "");

    assertThatThrownBy(() -> RunLock.acquire(run, "decide", CLOCK))
        .isInstanceOf(BusyException.class)
        .hasMessageContainingAll("elsewhere.example", "just begun");

    assertThat(manifests).isDirectoryContaining(file::equals);
  }

  @Test
  void aLockThatWasTakenOverDoesNotHold() throws IOException {
    RunLock first = RunLock.acquire(run, "detect", CLOCK);
    Path other = write(claim("elsewhere.example", ProcessHandle.current()), NOW);

    assertThatThrownBy(first::check)
        .isInstanceOf(BusyException.class)
        .hasMessageContaining("elsewhere.example");
    first.close();
    assertThat(other).exists();

    RunLock second = retaken(other);
    removeLocks();
    assertThatThrownBy(second::check)
        .isInstanceOf(BusyException.class)
        .hasMessageContaining("is gone");
    second.close();
  }

  /** The one of the smaller token waits; the other withdraws. */
  @Test
  void ofTwoThatBeginAtOnceOneWithdraws() throws IOException {
    Path smaller = write(claim("elsewhere.example", "0"), NOW, Claim.State.CONTENDS);
    assertThatThrownBy(() -> RunLock.acquire(run, "decide", CLOCK))
        .isInstanceOf(BusyException.class)
        .hasMessageContaining("elsewhere.example");
    Files.delete(smaller);

    Path larger = write(claim("elsewhere.example", "g"), NOW, Claim.State.CONTENDS);
    InterleavedFileSystem slow = new InterleavedFileSystem(run.fileSystem());
    slow.atListing(3, () -> Files.delete(larger));
    try (RunLock taken = RunLock.acquire(on(slow), "decide", CLOCK)) {
      taken.check();
    }
  }

  /**
   * Two processes find the lock of a third that is gone. One of them takes it over whenever the
   * other is stopped: no point is left at which both hold it.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void aDeadOwnersLockIsTakenOverByOneHoweverTwoInterleave(int operation) throws IOException {
    Path dead = write(claim("elsewhere.example", ProcessHandle.current()), NOW);
    refreshed(dead, Duration.ofMinutes(10));
    List<RunLock> holders = new ArrayList<>();
    InterleavedFileSystem stopped = new InterleavedFileSystem(run.fileSystem());
    stopped.before(operation, () -> contend(run, holders));

    contend(on(stopped), holders);

    assertThat(holders).as("stopped before its operation %d", operation).hasSizeLessThan(2);
    holders.forEach(RunLock::check);
    holders.forEach(RunLock::close);
    RunLock.acquire(run, "decide", CLOCK).close();
    assertThat(dead).doesNotExist();
  }

  /** What is taken from a process that sleeps in the midst of taking it, it does not have. */
  @Test
  void whoeverSleptWhileItTookTheLockHasLostIt() throws IOException {
    for (int operation = 2; operation <= 5; operation++) {
      List<RunLock> holders = new ArrayList<>();
      InterleavedFileSystem sleeper = new InterleavedFileSystem(run.fileSystem());
      sleeper.before(
          operation,
          () -> {
            removeLocks();
            contend(run, holders);
          });

      contend(on(sleeper), holders);

      assertThat(holders).as("asleep before its operation %d", operation).hasSize(1);
      holders.get(0).check();
      holders.get(0).close();
      removeLocks();
    }
  }

  @Test
  void manyContendersForADeadOwnersLockAndOneGetsIt() throws Exception {
    for (int round = 0; round < 10; round++) {
      Process gone = new ProcessBuilder("true").start();
      Claim dead = claim(hostName(), gone.toHandle());
      gone.waitFor(10, TimeUnit.SECONDS);
      write(dead, NOW);
      List<RunLock> holders = Collections.synchronizedList(new ArrayList<>());
      CountDownLatch start = new CountDownLatch(1);
      List<Thread> contenders = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Thread contender =
            new Thread(
                () -> {
                  try {
                    start.await();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                  contend(run, holders);
                });
        contender.start();
        contenders.add(contender);
      }
      start.countDown();
      for (Thread contender : contenders) {
        contender.join();
      }

      assertThat(holders).as("round %d", round).hasSize(1);
      holders.get(0).check();
      holders.get(0).close();
      assertThat(manifests).isEmptyDirectory();
    }
  }

  private RunDirectory on(InterleavedFileSystem fs) {
    return new RunDirectory(fs, run.path());
  }

  private static void contend(RunDirectory run, List<RunLock> holders) {
    try {
      holders.add(RunLock.acquire(run, "decide", CLOCK));
    } catch (BusyException e) {
      assertThat(e.exitCode()).isEqualTo(ExitCode.TRY_AGAIN);
    }
  }

  private static Claim claim(String host, ProcessHandle process) {
    return new Claim(
        host, process.pid(), process.info().startInstant().orElse(Instant.EPOCH), TOKEN);
  }

  private static Claim claim(String host, String token) {
    return new Claim(host, 7, Instant.EPOCH, token);
  }

  private Path write(Claim claim, Instant since) throws IOException {
    return write(claim, since, Claim.State.HOLDS);
  }

  private Path write(Claim claim, Instant since, Claim.State state) throws IOException {
    claim.write(run.manifestFolder(), run.fileSystem(), new Claim.Content("detect", since, state));
    return manifests.resolve(claim.fileName());
  }

  private static void refreshed(Path file, Duration ago) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(ago)));
  }

  private RunLock retaken(Path other) throws IOException {
    Files.delete(other);
    return RunLock.acquire(run, "detect", CLOCK);
  }

  private void removeLocks() throws IOException {
    try (Stream<Path> files = Files.list(manifests)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  private static String hostName() throws IOException {
    return InetAddress.getLocalHost().getHostName();
  }
}
