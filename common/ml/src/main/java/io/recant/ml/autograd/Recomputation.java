package io.recant.ml.autograd;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A pass whose segments keep nothing but their outputs for the way back, where each is computed
 * once more (Chen et al., Training Deep Nets with Sublinear Memory Cost, 2016): memory for one
 * segment at a time, for the time of a second forward pass. Gradients are those of a plain pass.
 *
 * <p>Models name their segments with {@link #of}, which means something only while a scope of
 * {@link #begin} is open on the thread.
 *
 * <pre>{@code
 * try (GradMode on = GradMode.training();
 *     Recomputation segments = Recomputation.begin(true)) {
 *   segments.backward(loss(model));
 * }
 * }</pre>
 */
public final class Recomputation implements AutoCloseable {

  private static final ThreadLocal<Recomputation> OPEN = new ThreadLocal<>();

  private final Recomputation outer = OPEN.get();
  private final List<Segment> segments = new ArrayList<>();

  private final boolean twice;

  private Recomputation(boolean twice) {
    this.twice = twice;
  }

  /**
   * Opens a scope for the current thread.
   *
   * @param twice whether its segments are computed twice; else their passes are plain ones
   */
  public static Recomputation begin(boolean twice) {
    Recomputation begun = new Recomputation(twice);
    OPEN.set(begun);
    return begun;
  }

  /**
   * One segment of a pass.
   *
   * @param input what it depends on beside parameters and constants, at least one of which requires
   *     a gradient
   * @param function the segment: the same again for the same input; what it makes belongs to its
   *     input's manager
   * @return its output, which belongs to the input's manager
   */
  public static NDArray of(NDArray input, UnaryOperator<NDArray> function) {
    Recomputation open = OPEN.get();
    if (open == null || !open.twice || !JniUtils.isGradMode()) {
      return function.apply(input);
    }
    NDArray output;
    try (GradMode off = GradMode.inference();
        NDManager scope = input.getManager().newSubManager()) {
      output = function.apply(cut(input, scope));
      output.attach(input.getManager());
    }
    output.setRequiresGradient(true);
    open.segments.add(new Segment(input, output, function));
    return output;
  }

  /**
   * {@link Autograd#backward} through what was computed since the scope began, or the last call.
   *
   * @param loss an array of one element
   */
  public void backward(NDArray loss) {
    Autograd.backward(loss);
    while (!segments.isEmpty()) {
      segments.remove(segments.size() - 1).backward();
    }
  }

  @Override
  public void close() {
    OPEN.set(outer);
  }

  /**
   * The same numbers, from which no way leads back. DJL's {@code stopGradient} would cut the input
   * itself off, too.
   */
  private static NDArray cut(NDArray input, NDManager owner) {
    try (GradMode off = GradMode.inference()) {
      NDArray cut = input.duplicate();
      cut.attach(owner);
      return cut;
    }
  }

  private record Segment(NDArray input, NDArray output, UnaryOperator<NDArray> function) {

    /**
     * With g the gradient at the output, a constant, the gradient of {@code sum(g f(x))} is that of
     * the loss, for x and for the parameters in f.
     */
    void backward() {
      try (NDManager scope = input.getManager().newSubManager()) {
        NDArray leaf = cut(input, scope);
        leaf.setRequiresGradient(true);
        Autograd.backward(function.apply(leaf).mul(Autograd.gradient(output, scope)).sum());
        // Whether a way leads back from the input, DJL cannot say; a leaf makes sure of one.
        NDArray end = scope.zeros(new Shape());
        end.setRequiresGradient(true);
        NDArray before = input.mul(Autograd.gradient(leaf, scope));
        before.attach(scope);
        Autograd.backward(before.sum().add(end));
      }
    }
  }
}
