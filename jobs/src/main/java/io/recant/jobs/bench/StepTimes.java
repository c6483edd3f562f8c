package io.recant.jobs.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What optimisation steps took. */
final class StepTimes {

  /**
   * One step.
   *
   * @param seconds from its beginning to its end
   * @param cpuSeconds what the process worked in that time: on a busy machine the better measure,
   *     with one thread
   */
  record Step(double loss, double seconds, double cpuSeconds) {}

  private final List<Step> steps = new ArrayList<>();

  void add(Step step) {
    steps.add(step);
  }

  /** Adds a block but for its first step, which sets things up. */
  void addBlock(StepTimes block) {
    steps.addAll(block.steps.subList(1, block.steps.size()));
  }

  /** The steps, in order. */
  List<Step> steps() {
    return List.copyOf(steps);
  }

  /** The value that this share of the steps does not exceed; NaN without steps. */
  double quantile(double share, ToDoubleFunction<Step> value) {
    double[] sorted = steps.stream().mapToDouble(value).sorted().toArray();
    return sorted.length == 0 ? Double.NaN : sorted[(int) Math.round(share * (sorted.length - 1))];
  }
}
