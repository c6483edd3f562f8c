package io.recant.ml.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.autograd.GradMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019). Per element, with gradient
 * {@code g} at step {@code t = 1, 2, ...} and rate {@code a}:
 *
 * <pre>
 * w = w (1 - a decay)
 * m = b1 m + (1 - b1) g          v = b2 v + (1 - b2) g^2
 * w = w - a (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)
 * </pre>
 *
 * Arrays of fewer than two dimensions (biases, norms) do not decay. The moments live in a manager
 * of this optimiser's own, freed by {@link #close}; the parameters stay the model's.
 */
public final class AdamW implements AutoCloseable {

  /**
   * The constants of the update.
   *
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the root of the second moment
   * @param weightDecay share of a matrix removed per step and unit of learning rate
   */
  public record Constants(double beta1, double beta2, double epsilon, double weightDecay) {

    /** The paper's constants: 0.9, 0.999, 1e-8, with this decay. */
    public static Constants withDecay(double weightDecay) {
      return new Constants(0.9, 0.999, 1e-8, weightDecay);
    }
  }

  private record Moments(NDArray parameter, NDArray first, NDArray second, double decay) {}

  private final Constants constants;
  private final NDManager manager;
  private final List<Moments> moments = new ArrayList<>();
  private long steps;

  /**
   * @param parameters the tracked arrays to update, all on one device
   */
  public AdamW(List<NDArray> parameters, Constants constants) {
    if (parameters.isEmpty()) {
      throw new IllegalArgumentException("there is nothing to train: no parameter is trainable");
    }
    this.constants = constants;
    manager = parameters.get(0).getManager().newSubManager();
    for (NDArray parameter : parameters) {
      double decay = parameter.getShape().dimension() < 2 ? 0 : constants.weightDecay();
      moments.add(
          new Moments(
              parameter,
              manager.zeros(parameter.getShape(), parameter.getDataType()),
              manager.zeros(parameter.getShape(), parameter.getDataType()),
              decay));
    }
  }

  /** Updates every parameter from its gradient. The gradients are left as they are. */
  public void step(double learningRate) {
    steps++;
    double correction1 = 1 - Math.pow(constants.beta1(), steps);
    double root2 = Math.sqrt(1 - Math.pow(constants.beta2(), steps));
    try (GradMode off = GradMode.inference();
        NDManager scope = manager.newSubManager()) {
      for (Moments m : moments) {
        NDList inputs =
            new NDList(
                m.parameter(), Autograd.gradient(m.parameter(), scope), m.first(), m.second());
        // The native update divides by sqrt(v) + e with uncorrected v; scaling rate and epsilon by
        // the root of the correction makes it the formula above, exactly.
        m.parameter()
            .getNDArrayInternal()
            .adamUpdate(
                inputs,
                new NDList(m.parameter()),
                (float) learningRate,
                (float) (learningRate * root2 / correction1),
                (float) m.decay(),
                1f,
                -1f,
                (float) constants.beta1(),
                (float) constants.beta2(),
                (float) (constants.epsilon() * root2),
                false,
                true);
      }
    }
  }

  /**
   * The optimiser's own arrays, to be saved or overwritten: for each parameter in order its first
   * and its second moment.
   */
  public List<NDArray> moments() {
    List<NDArray> arrays = new ArrayList<>();
    for (Moments m : moments) {
      arrays.add(m.first());
      arrays.add(m.second());
    }
    return arrays;
  }

  /** Goes on as after so many updates; {@link #moments} are set apart from this. */
  public void goOnFrom(long updates) {
    steps = updates;
  }

  @Override
  public void close() {
    manager.close();
  }
}
