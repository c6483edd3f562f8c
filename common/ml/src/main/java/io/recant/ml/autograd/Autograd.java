package io.recant.ml.autograd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;

/**
 * Backward passes and the gradients they leave. This is the only door to PyTorch's autograd: DJL's
 * own collector is global to the JVM and refuses a second thread, while here any number of tasks
 * may work at once, each on its own parameters.
 *
 * <p>Gradients add up over backward passes until {@link #zero} clears them.
 */
public final class Autograd {

  private Autograd() {}

  /** Makes arrays leaves of the graph: a backward pass leaves their gradients with them. */
  public static void track(Iterable<NDArray> parameters) {
    parameters.forEach(parameter -> parameter.setRequiresGradient(true));
  }

  /** Takes arrays out of the graph again: backward passes no longer reach them. */
  public static void untrack(Iterable<NDArray> arrays) {
    arrays.forEach(array -> array.setRequiresGradient(false));
  }

  /**
   * Differentiates a scalar with respect to every tracked array it was computed from, inside {@link
   * GradMode#training}. The graph is freed.
   *
   * @param loss an array of one element
   */
  public static void backward(NDArray loss) {
    if (loss.size() != 1) {
      throw new IllegalArgumentException("a loss is one number, this has shape " + loss.getShape());
    }
    try (NDManager scope = loss.getManager().newSubManager()) {
      NDArray one =
          scope.ones(loss.getShape(), loss.getDataType()).toDevice(loss.getDevice(), false);
      JniUtils.backward((PtNDArray) loss, (PtNDArray) one, false, false);
    }
  }

  /**
   * The gradient of a tracked array, zeros where no backward pass has reached it. It shares memory
   * with the gradient itself: changing it in place changes what an optimiser sees.
   *
   * @param manager owner of the returned handle; without one, every call would leave a handle with
   *     the parameter for the life of the model
   */
  public static NDArray gradient(NDArray parameter, NDManager manager) {
    NDArray gradient = parameter.getGradient();
    gradient.attach(manager);
    return gradient;
  }

  /** Sets the gradients of these arrays to zero, and of no others. */
  public static void zero(Iterable<NDArray> parameters) {
    parameters.forEach(parameter -> JniUtils.zeroGrad((PtNDArray) parameter));
  }

  /** The Euclidean norm of all gradients taken as one vector: sqrt(sum of squares). */
  public static double globalNorm(List<NDArray> parameters) {
    if (parameters.isEmpty()) {
      return 0;
    }
    try (GradMode off = GradMode.inference();
        NDManager scope = parameters.get(0).getManager().newSubManager()) {
      return globalNorm(parameters, scope);
    }
  }

  /**
   * Scales all gradients by {@code min(1, maxNorm / norm)}, so that their global norm is at most
   * {@code maxNorm} and their direction is kept (Pascanu et al., 2013). A norm that is not finite
   * leaves them as they are: the caller sees it in the result and decides.
   *
   * @return the norm before scaling
   */
  public static double clip(List<NDArray> parameters, double maxNorm) {
    if (parameters.isEmpty()) {
      return 0;
    }
    try (GradMode off = GradMode.inference();
        NDManager scope = parameters.get(0).getManager().newSubManager()) {
      double norm = globalNorm(parameters, scope);
      if (Double.isFinite(norm) && norm > maxNorm) {
        for (NDArray parameter : parameters) {
          gradient(parameter, scope).muli(maxNorm / norm);
        }
      }
      return norm;
    }
  }

  /** One number leaves the device, however many parameters there are. */
  private static double globalNorm(List<NDArray> parameters, NDManager scope) {
    NDList squares = new NDList(parameters.size());
    for (NDArray parameter : parameters) {
      NDArray gradient = gradient(parameter, scope);
      squares.add(gradient.square().sum().toType(DataType.FLOAT64, false));
    }
    return Math.sqrt(ai.djl.ndarray.NDArrays.stack(squares).sum().getDouble());
  }
}
