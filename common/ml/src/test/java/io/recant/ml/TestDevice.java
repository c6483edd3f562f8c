package io.recant.ml;

import ai.djl.Device;
import io.recant.ml.device.Devices;

/**
 * The device that tests run on: {@code mvn -pl common/ml -am test -Dtest.device=gpu} takes the
 * first GPU, with a libtorch for CUDA named by the environment as {@code conf/spark/README.md}
 * says.
 */
public final class TestDevice {

  private static final Device DEVICE =
      Devices.parse(System.getProperty("recant.test.device", "cpu"));

  private TestDevice() {}

  public static Device get() {
    return DEVICE;
  }
}
