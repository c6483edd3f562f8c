package io.recant.jobs.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.recant.core.config.Setting;
import io.recant.core.error.ConfigException;
import io.recant.core.error.StepException;
import io.recant.jobs.cells.ProcessMemory;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Parameters;
import io.recant.ml.safetensors.SafetensorsCheckpoint;
import io.recant.ml.safetensors.SafetensorsShards;
import io.recant.ml.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * A checkpoint larger than the heap: a directory of split safetensors with the shapes of a decoder
 * is made, read as a model's parameters and written again, and what was written is compared with
 * what was read. Resident memory is that of the process, so the engines' libraries and the heap are
 * in it; beyond the model's own size nothing may grow with the model.
 */
public final class CheckpointBenchmark implements Benchmark<CheckpointBenchmark.Settings> {

  private static final long WIDTH = 2048;
  private static final long INNER = 5632;
  private static final long VOCABULARY = 32_000;

  /** Settings of {@code checkpoint}. */
  public record Settings(
      @Setting(value = "Size of the checkpoint in GB", defaultValue = "5", min = 0.3)
          double gigabytes,
      @Setting(value = "Size of a file of it in GB", defaultValue = "2", min = 0.1)
          double shardGigabytes) {}

  @Override
  public String name() {
    return "checkpoint";
  }

  @Override
  public String summary() {
    return "Memory it takes to read and write a checkpoint of several files, against its size.";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public void run(Settings settings, BenchContext context) {
    Map<String, Shape> shapes = shapes((long) (settings.gigabytes() * 1e9));
    long bytes = shapes.values().stream().mapToLong(shape -> 4 * shape.size()).sum();
    Path given = context.scratch().resolve("given");
    Path written = context.scratch().resolve("written");
    requireSpace(context.scratch(), 2 * bytes);
    try {
      context.note(String.format(Locale.ROOT, "making a checkpoint of %.2f GB", bytes / 1e9));
      make(given, shapes, (long) (settings.shardGigabytes() * 1e9), context.seed());
      List<Row> rows = new ArrayList<>();
      HeapPeak.reset();
      rows.add(row("before", bytes, null));
      try (NDManager manager = Devices.manager(Device.cpu())) {
        List<Parameters> model = new ArrayList<>();
        double read = context.seconds(() -> model.add(Parameters.load(given, shapes, manager)));
        rows.add(row("read", bytes, read));
        double wrote = context.seconds(() -> model.get(0).save(written));
        rows.add(row("written", bytes, wrote));
      }
      context.table("checkpoint", context.spark().createDataFrame(rows, COLUMNS));
      context.note(
          String.format(
              Locale.ROOT, "%d tensors read again and compared", compare(given, written)));
    } finally {
      remove(given);
      remove(written);
    }
  }

  private static final StructType COLUMNS =
      StructType.fromDDL(
          "stage string, model_mb bigint, seconds double, mb_per_second double,"
              + " heap_peak_mb bigint, resident_mb bigint, resident_peak_mb bigint,"
              + " peak_beyond_model_mb bigint");

  private static Row row(String stage, long bytes, Double seconds) {
    long peak = ProcessMemory.peakResident();
    return RowFactory.create(
        stage,
        bytes >> 20,
        seconds,
        seconds == null ? null : (bytes >> 20) / Math.max(1e-3, seconds),
        HeapPeak.bytes() >> 20,
        ProcessMemory.resident() >> 20,
        peak >> 20,
        seconds == null ? null : (peak - bytes) >> 20);
  }

  /** An embedding and as many layers of a decoder as reach the size. */
  private static Map<String, Shape> shapes(long bytes) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("model.embed_tokens.weight", new Shape(VOCABULARY, WIDTH));
    long size = 4 * VOCABULARY * WIDTH;
    for (int i = 0; size < bytes; i++) {
      String layer = "model.layers." + i + ".";
      shapes.put(layer + "input_layernorm.weight", new Shape(WIDTH));
      for (String part : List.of("q_proj", "k_proj", "v_proj", "o_proj")) {
        shapes.put(layer + "self_attn." + part + ".weight", new Shape(WIDTH, WIDTH));
      }
      shapes.put(layer + "post_attention_layernorm.weight", new Shape(WIDTH));
      shapes.put(layer + "mlp.gate_proj.weight", new Shape(INNER, WIDTH));
      shapes.put(layer + "mlp.up_proj.weight", new Shape(INNER, WIDTH));
      shapes.put(layer + "mlp.down_proj.weight", new Shape(WIDTH, INNER));
      size += 4 * (2 * WIDTH + 4 * WIDTH * WIDTH + 3 * WIDTH * INNER);
    }
    return shapes;
  }

  /** Vectors are drawn; matrices of one shape share their memory, so that making takes little. */
  private static void make(Path directory, Map<String, Shape> shapes, long shard, long seed) {
    try (NDManager manager = Devices.manager(Device.cpu());
        GradMode off = GradMode.inference()) {
      Map<Shape, NDArray> matrices = new LinkedHashMap<>();
      Map<String, SafetensorsWriter.Source> tensors = new LinkedHashMap<>();
      shapes.forEach(
          (name, shape) -> {
            long start = seed + name.hashCode() % 1000;
            NDArray values =
                shape.dimension() == 1
                    ? manager.arange(start, start + shape.size(), 1, DataType.FLOAT32)
                    : matrices.computeIfAbsent(
                        shape, s -> manager.arange(0, s.size(), 1, DataType.FLOAT32).reshape(s));
            tensors.put(name, SafetensorsWriter.source(values));
          });
      SafetensorsShards.write(directory, tensors, SafetensorsWriter.PYTORCH_LAYOUT, shard);
    }
  }

  private static int compare(Path given, Path written) {
    try (SafetensorsCheckpoint one = SafetensorsCheckpoint.open(given);
        SafetensorsCheckpoint other = SafetensorsCheckpoint.open(written)) {
      for (String name : one.tensors().keySet()) {
        try (NDManager scope = Devices.manager(Device.cpu())) {
          NDArray before = one.read(name, DataType.FLOAT32, scope);
          if (!before.contentEquals(other.read(name, DataType.FLOAT32, scope))) {
            throw new StepException("tensor " + name + " was not written as it was read");
          }
        }
      }
      return one.tensors().size();
    }
  }

  private static void requireSpace(Path folder, long bytes) {
    try {
      long usable = Files.getFileStore(folder).getUsableSpace();
      if (usable < bytes * 11 / 10) {
        throw new ConfigException(
            "bench checkpoint: "
                + folder
                + " has room for "
                + (usable >> 20)
                + " MB, this takes "
                + (bytes >> 20)
                + "; name another folder with --out, or a smaller size with --set gigabytes=N");
      }
    } catch (IOException e) {
      throw new StepException("cannot ask for the room in " + folder, e);
    }
  }

  private static void remove(Path folder) {
    try {
      FileUtils.deleteDirectory(folder.toFile());
    } catch (IOException e) {
      throw new StepException("cannot remove " + folder, e);
    }
  }
}
