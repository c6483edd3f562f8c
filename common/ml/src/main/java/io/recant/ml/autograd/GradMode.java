package io.recant.ml.autograd;

import ai.djl.pytorch.jni.JniUtils;
import java.util.ConcurrentModificationException;

/**
 * Whether operations of the current thread are recorded for a backward pass, for the length of a
 * scope. PyTorch keeps this switch per thread and starts every thread with it on, so inference that
 * does not turn it off keeps whole graphs in memory.
 *
 * <pre>{@code
 * try (GradMode off = GradMode.inference()) {
 *   ...
 * }
 * }</pre>
 *
 * Scopes nest; each restores what it found. A scope is closed on the thread that opened it.
 */
public final class GradMode implements AutoCloseable {

  // The switch is PyTorch's, which may not be loaded when the first scope opens.
  static {
    PyTorch.load();
  }

  private final boolean before;
  private final Thread owner = Thread.currentThread();

  private GradMode(boolean recording) {
    before = JniUtils.isGradMode();
    JniUtils.setGradMode(recording);
  }

  /** Nothing is recorded until the scope closes. */
  public static GradMode inference() {
    return new GradMode(false);
  }

  /** Operations on arrays that require gradients are recorded until the scope closes. */
  public static GradMode training() {
    return new GradMode(true);
  }

  /**
   * Restores the mode found at opening.
   *
   * @throws ConcurrentModificationException when closed on another thread than it was opened on
   */
  @Override
  public void close() {
    if (Thread.currentThread() != owner) {
      throw new ConcurrentModificationException(
          "a grad mode scope of " + owner.getName() + " was closed on another thread");
    }
    JniUtils.setGradMode(before);
  }
}
