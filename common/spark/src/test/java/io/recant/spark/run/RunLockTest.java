package io.recant.spark.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.BusyException;
import io.recant.core.error.ExitCode;
import io.recant.core.manifest.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  @TempDir private Path folder;
  private RunDirectory run;
  private Path file;

  @BeforeEach
  void begin() {
    run = RunDirectory.open(folder.toUri().toString(), "run", new Configuration());
    file = folder.resolve("run/manifests/run.lock");
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
    assertThat(file).doesNotExist();
    RunLock.acquire(run, "decide", CLOCK).close();
  }

  @Test
  void aLivingProcessOfThisMachineKeepsItsLockHoweverOld() throws Exception {
    Process other = new ProcessBuilder("sleep", "60").start();
    try {
      write(owner(hostName(), other.toHandle(), NOW.minus(Duration.ofDays(2))));
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
    write(
        new RunLock.Owner(
            "token",
            hostName(),
            me.pid(),
            me.info().startInstant().orElseThrow().minusSeconds(60),
            "detect",
            NOW,
            NOW));

    try (RunLock taken = RunLock.acquire(run, "decide", CLOCK)) {
      taken.check();
    }
  }

  @Test
  void anotherMachineHoldsItUntilItStopsRefreshing() throws IOException {
    ProcessHandle me = ProcessHandle.current();
    write(owner("elsewhere.example", me, NOW.minusSeconds(170)));
    assertThatThrownBy(() -> RunLock.acquire(run, "decide", CLOCK))
        .isInstanceOf(BusyException.class)
        .hasMessageContaining("elsewhere.example");

    write(owner("elsewhere.example", me, NOW.minusSeconds(190)));
    try (RunLock taken = RunLock.acquire(run, "decide", CLOCK)) {
      taken.check();
    }
  }

  @Test
  void aLockThatWasNotWrittenToItsEndIsTakenOver() throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{\"token\": \"x\", \"ho");

    try (RunLock taken = RunLock.acquire(run, "decide", CLOCK)) {
      taken.check();
    }
  }

  /** The owner rewrites its lock now and then; a reader in that moment must not take it over. */
  @Test
  void aLockThatIsJustBeingRefreshedIsReadAgain() throws Exception {
    ProcessHandle me = ProcessHandle.current();
    Files.createDirectories(file.getParent());
    Files.writeString(file, "");
    Thread refresher =
        new Thread(
            () -> {
              try {
                TimeUnit.MILLISECONDS.sleep(250);
                write(owner("elsewhere.example", me, NOW));
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    refresher.start();
    try {
      assertThatThrownBy(() -> RunLock.acquire(run, "decide", CLOCK))
          .isInstanceOf(BusyException.class)
          .hasMessageContaining("elsewhere.example");
    } finally {
      refresher.join();
    }
  }

  @Test
  void aLockThatWasTakenOverDoesNotHold() throws IOException {
    RunLock first = RunLock.acquire(run, "detect", CLOCK);
    RunLock.Owner other = owner("elsewhere.example", ProcessHandle.current(), NOW);
    write(other);

    assertThatThrownBy(first::check)
        .isInstanceOf(BusyException.class)
        .hasMessageContaining("elsewhere.example");
    first.close();
    assertThat(Json.read(Files.readAllBytes(file), RunLock.Owner.class)).isEqualTo(other);

    Files.delete(file);
    assertThatThrownBy(first::check)
        .isInstanceOf(BusyException.class)
        .hasMessageContaining("is gone");
  }

  private static RunLock.Owner owner(String host, ProcessHandle process, Instant refreshed) {
    return new RunLock.Owner(
        "token",
        host,
        process.pid(),
        process.info().startInstant().orElseThrow(),
        "detect",
        refreshed,
        refreshed);
  }

  private void write(RunLock.Owner owner) throws IOException {
    Files.createDirectories(file.getParent());
    Files.deleteIfExists(file.resolveSibling(".run.lock.crc"));
    Files.write(file, Json.bytes(owner));
  }

  private static String hostName() throws IOException {
    return InetAddress.getLocalHost().getHostName();
  }
}
