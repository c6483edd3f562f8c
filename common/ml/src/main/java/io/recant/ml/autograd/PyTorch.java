package io.recant.ml.autograd;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.recant.core.error.RecantException;
import io.recant.core.error.StepException;

/** PyTorch's native libraries in this JVM. */
public final class PyTorch {

  private PyTorch() {}

  /** Loaded with this class: by one thread, before any other goes on. */
  private static final class Loaded {

    /** Why PyTorch cannot be loaded in this JVM; null where it is loaded. */
    static final Throwable FAILURE = load();

    private static Throwable load() {
      try (NDManager scope = Engine.getEngine("PyTorch").newBaseManager(Device.cpu())) {
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(true);
        NDArray one = scope.create(1f);
        one.setRequiresGradient(true);
        NDArray square = one.mul(one);
        JniUtils.backward((PtNDArray) square, (PtNDArray) scope.create(1f), false, false);
        JniUtils.setGradMode(before);
        return null;
      } catch (EngineException | LinkageError e) {
        return e;
      }
    }
  }

  /**
   * Loads PyTorch unless it is loaded, and takes a first derivative. Whoever loads DJL's tokenizer
   * library calls this first: what PyTorch sets up at the JVM's first backward pass ({@code
   * at::accelerator::getAccelerator}; DJL 0.35.1, libtorch 2.7.1) is looked up among the libraries
   * loaded by then, and with the tokenizers among them the JVM may crash there.
   *
   * @throws StepException where there is no PyTorch that this JVM can load
   */
  public static void load() {
    if (Loaded.FAILURE != null) {
      throw new StepException(
          "PyTorch cannot be loaded here ("
              + RecantException.reason(Loaded.FAILURE)
              + "): a jar made with -Pnative-none needs PYTORCH_LIBRARY_PATH, PYTORCH_VERSION and"
              + " PYTORCH_FLAVOR in the environment of the driver and of every executor, see"
              + " conf/spark/README.md",
          Loaded.FAILURE);
    }
  }
}
