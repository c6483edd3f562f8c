package io.recant.jobs.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;

/** The most heap the JVM has used. */
final class HeapPeak {

  private HeapPeak() {}

  /** Forgets what was used before. */
  static void reset() {
    pools().forEach(MemoryPoolMXBean::resetPeakUsage);
  }

  /** Bytes, since the reset; the sum of the pools' peaks, which need not be of one moment. */
  static long bytes() {
    return pools().stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
  }

  /** The JVM's heap, pool by pool. */
  static List<MemoryPoolMXBean> pools() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .toList();
  }
}
