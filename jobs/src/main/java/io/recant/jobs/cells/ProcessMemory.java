package io.recant.jobs.cells;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** How much memory this process has in use, heap and native together, as Linux tells it. */
public final class ProcessMemory {

  private ProcessMemory() {}

  /** Resident memory in bytes; 0 where the system does not say. */
  public static long resident() {
    return bytes("VmRSS:");
  }

  /** The most resident memory so far, in bytes; 0 where the system does not say. */
  public static long peakResident() {
    return bytes("VmHWM:");
  }

  private static long bytes(String field) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith(field))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
