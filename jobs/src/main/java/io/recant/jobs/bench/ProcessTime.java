package io.recant.jobs.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** What this process has worked: unlike time, it hardly depends on what else the machine does. */
final class ProcessTime {

  private ProcessTime() {}

  /** Seconds of processor time so far, of all threads. */
  static double cpuSeconds() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime()
        / 1e9;
  }
}
