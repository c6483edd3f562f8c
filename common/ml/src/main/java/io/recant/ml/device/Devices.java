package io.recant.ml.device;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import io.recant.core.error.ConfigException;
import io.recant.ml.autograd.PyTorch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where tensors live. DJL silently prefers GPU 0 when it sees one, so every manager is made here,
 * with its device said.
 */
public final class Devices {

  private static final String ENGINE = "PyTorch";
  private static final Pattern GPU = Pattern.compile("gpu(?::(\\d{1,4}))?");

  private Devices() {}

  /**
   * The device a configuration names: {@code cpu}, {@code gpu} (the first one) or {@code gpu:N}.
   *
   * @throws ConfigException when the text is none of these, when PyTorch sees no CUDA device, or
   *     when there is no device of that number
   */
  public static Device parse(String text) {
    if (text.equals("cpu")) {
      return Device.cpu();
    }
    Matcher gpu = GPU.matcher(text);
    if (!gpu.matches()) {
      throw new ConfigException("device '" + text + "' is none of: cpu, gpu, gpu:N");
    }
    int index = gpu.group(1) == null ? 0 : Integer.parseInt(gpu.group(1));
    int visible = gpus();
    if (visible == 0) {
      throw new ConfigException(
          "device '"
              + text
              + "': PyTorch sees no CUDA device here; use 'cpu', or point PYTORCH_LIBRARY_PATH at a"
              + " libtorch built for CUDA");
    }
    if (index >= visible) {
      throw new ConfigException(
          "device '" + text + "': only gpu:0 to gpu:" + (visible - 1) + " are visible");
    }
    return Device.gpu(index);
  }

  /** How many CUDA devices PyTorch sees here; none where its libtorch is built for CPUs. */
  public static int gpus() {
    PyTorch.load();
    return Engine.getEngine(ENGINE).getGpuCount();
  }

  /** A root manager of PyTorch arrays on that device; the caller closes it. */
  public static NDManager manager(Device device) {
    PyTorch.load();
    return Engine.getEngine(ENGINE).newBaseManager(device);
  }
}
