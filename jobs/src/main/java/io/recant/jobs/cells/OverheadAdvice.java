package io.recant.jobs.cells;

import io.recant.ml.model.ModelSize;
import io.recant.ml.train.Execution;
import java.util.Locale;

/**
 * How much memory beside the Java heap an executor needs for a cell on its CPU: what {@code
 * spark.executor.memoryOverhead} has to hold, and what a cluster manager ends an executor for.
 *
 * @param parameters bytes that are there however small the steps are
 * @param example bytes for one example in a step
 * @param batch examples of a step that need not be divided
 */
public record OverheadAdvice(long parameters, long example, int batch) {

  /** PyTorch's and ONNX Runtime's libraries as they lie in memory, and the JVM's own. */
  private static final long LIBRARIES = 700L << 20;

  private static final double GIB = 1L << 30;

  /** For training or unlearning a model of that size. */
  public static OverheadAdvice of(ModelSize size, int batch) {
    return new OverheadAdvice(
        PassMemory.modelBytes(size.parameters()),
        Execution.PASSES_OF_A_TERM * size.exampleBytes(),
        batch);
  }

  /** The least that works, an example at a time. */
  public long least() {
    return parameters + example;
  }

  /** What a step needs that goes through the model in one part. */
  public long whole() {
    return parameters + example * batch;
  }

  /** In words, for a person who writes a Spark configuration. */
  public String words(String model, ModelSize size) {
    return String.format(
        Locale.ROOT,
        "%s has %,d parameters. On a CPU executor, spark.executor.memoryOverhead is at least %.1fg and %.1fg more for each"
            + " cell that runs at once (spark.executor.cores / spark.task.cpus); with %.1fg for each, a step of %d examples"
            + " of %d tokens is not divided.",
        model,
        size.parameters(),
        LIBRARIES / GIB,
        least() / GIB,
        whole() / GIB,
        batch,
        size.tokens());
  }
}
