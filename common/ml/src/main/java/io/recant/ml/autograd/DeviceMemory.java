package io.recant.ml.autograd;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.regex.Pattern;

/** What PyTorch can allocate on a device, and how it says that it cannot. */
public final class DeviceMemory {

  /** libtorch on a CPU, the C++ library, CUDA, cuBLAS and cuDNN, in this order. */
  private static final Pattern EXHAUSTED =
      Pattern.compile(
          "can't allocate memory|bad_alloc|out of memory|STATUS_ALLOC_FAILED",
          Pattern.CASE_INSENSITIVE);

  private DeviceMemory() {}

  /** Whether an operation failed because the device had no memory left for it. */
  public static boolean isExhausted(RuntimeException failure) {
    return failure instanceof EngineException
        && failure.getMessage() != null
        && EXHAUSTED.matcher(failure.getMessage()).find();
  }

  /** Gives freed memory that PyTorch keeps for later back to the device; a CPU's it does not. */
  public static void release(Device device) {
    if (device.isGpu()) {
      JniUtils.emptyCudaCache();
    }
  }

  /** How many bytes a device has, used or not: of a CPU those of the machine or container. */
  public static long total(Device device) {
    if (device.isGpu()) {
      return CudaUtils.getGpuMemory(device).getMax();
    }
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getTotalMemorySize();
  }
}
