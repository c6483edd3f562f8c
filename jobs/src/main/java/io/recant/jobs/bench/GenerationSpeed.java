package io.recant.jobs.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.causal.CausalModel;
import io.recant.ml.causal.Generation;
import io.recant.ml.causal.GenerationSettings;
import io.recant.ml.device.Devices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** Tokens per second with the cache of keys and values, and with every token read anew. */
final class GenerationSpeed {

  private static final StructType TIMES =
      (StructType)
          DataType.fromDDL(
              "tokens int, cached_per_second double, uncached_per_second double, ratio double,"
                  + " same_text boolean");

  private final CausalModel model;
  private final String prompt;

  private GenerationSpeed(CausalModel model, String prompt) {
    this.model = model;
    this.prompt = prompt;
  }

  /** Table {@code generation}: a row for each length. A text that ends sooner is taken as it is. */
  static void measure(
      CausalModel model, String prompt, List<Integer> lengths, BenchContext context) {
    GenerationSpeed speed = new GenerationSpeed(model, prompt);
    List<Row> times = new ArrayList<>();
    for (int length : lengths) {
      // The first time of a length compiles and allocates; it is not measured.
      long[] plain = speed.uncached(length);
      String cached = speed.cached(length);
      double uncachedSeconds = context.seconds(() -> speed.uncached(length));
      double cachedSeconds = context.seconds(() -> speed.cached(length));
      times.add(
          RowFactory.create(
              plain.length,
              plain.length / cachedSeconds,
              plain.length / uncachedSeconds,
              uncachedSeconds / cachedSeconds,
              model.tokenizer().decode(plain).strip().equals(cached.strip())));
    }
    context.table("generation", context.spark().createDataFrame(times, TIMES));
  }

  private String cached(int length) {
    GenerationSettings settings = GenerationSettings.greedy(length);
    return new Generation(model, settings).continuations(List.of(prompt)).get(0);
  }

  private long[] uncached(int length) {
    long[] ids = model.encoder().prompt(prompt).ids();
    int start = ids.length;
    try (GradMode off = GradMode.inference();
        NDManager scope = Devices.manager(model.device())) {
      while (ids.length - start < length && ids.length < model.config().maximumPositions()) {
        long next = next(ids, scope);
        if (model.isEnd(next)) {
          break;
        }
        ids = Arrays.copyOf(ids, ids.length + 1);
        ids[ids.length - 1] = next;
      }
    }
    return Arrays.copyOfRange(ids, start, ids.length);
  }

  private long next(long[] ids, NDManager scope) {
    try (NDManager manager = scope.newSubManager()) {
      NDArray last = manager.create(new long[] {ids.length - 1L}, new Shape(1, 1));
      return model.logits(manager.create(ids, new Shape(1, ids.length)), last).argMax(-1).getLong();
    }
  }
}
