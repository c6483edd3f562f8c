package io.recant.ml.train;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.recant.core.error.InputException;
import io.recant.core.error.StepException;
import io.recant.core.manifest.Json;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.autograd.InPlace;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Parameter;
import io.recant.ml.model.Parameters;
import io.recant.ml.safetensors.SafetensorsReader;
import io.recant.ml.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The state of a run between two steps, as one {@code .safetensors} file: the trainable weights,
 * the running statistics, the optimiser's moments, the log so far, and in its metadata the rest.
 * The file's name says after how many steps and ends in the SHA-256 of its bytes, so that a damaged
 * file is known for one.
 *
 * @param key what the run is made from
 * @param steps how many updates the model has
 * @param history what led there
 * @param gradients what the next step's gradients depend on
 * @param log every step so far
 */
record RunState(
    String key,
    long steps,
    RunHistory.Events history,
    GradientAccumulation.State gradients,
    List<LogEntry> log) {

  private static final String META = "run";
  private static final String LOG = "log";
  private static final int LOG_COLUMNS = 8;
  private static final String SUFFIX = ".safetensors";

  /** The part that is no array. */
  record Meta(
      String key, long steps, RunHistory.Events history, GradientAccumulation.State gradients) {}

  /**
   * Writes the state.
   *
   * @param statistics the running statistics after as many steps as the weights, in the model's
   *     order; its own have seen the passes of the step to come
   * @param moments as {@link Optimization#moments} has them
   * @return the file
   */
  Path write(Path directory, Parameters model, List<NDArray> statistics, List<NDArray> moments) {
    Path unnamed = directory.resolve("state" + SUFFIX);
    try (NDManager scope = Devices.manager(Device.cpu())) {
      Map<String, NDArray> arrays = arrays(model, statistics, moments);
      arrays.put(LOG, scope.create(numbers(log), new Shape(log.size(), LOG_COLUMNS)));
      byte[] meta = Json.bytes(new Meta(key, steps, history, gradients));
      SafetensorsWriter.write(
          unnamed, arrays, Map.of(META, new String(meta, StandardCharsets.UTF_8)));
      return Files.move(
          unnamed,
          directory.resolve(
              String.format(Locale.ROOT, "%012d-%s%s", steps, sha256(unnamed), SUFFIX)));
    } catch (IOException e) {
      throw new StepException("cannot save the state of a run in " + directory, e);
    }
  }

  /**
   * Reads a state, its arrays into the model and the optimiser, which stay as they are when it is
   * not theirs.
   *
   * @throws InputException when it is damaged or belongs to another run
   */
  static RunState read(Path file, String key, Parameters model, List<NDArray> moments) {
    checkWhole(file);
    try (SafetensorsReader reader = SafetensorsReader.open(file);
        NDManager scope = moments.get(0).getManager().newSubManager();
        GradMode off = GradMode.inference()) {
      Meta meta =
          Json.read(
              reader.metadata().getOrDefault(META, "").getBytes(StandardCharsets.UTF_8),
              Meta.class);
      if (!meta.key().equals(key)) {
        throw new InputException("it is of a run with other settings or another start");
      }
      Map<String, NDArray> arrays = arrays(model, model.runningStatistics(), moments);
      Map<String, NDArray> read = new LinkedHashMap<>();
      for (Map.Entry<String, NDArray> entry : arrays.entrySet()) {
        NDArray array = reader.read(entry.getKey(), DataType.FLOAT32, scope);
        if (!array.getShape().equals(entry.getValue().getShape())) {
          throw new InputException("it is of a model of another shape: " + entry.getKey());
        }
        read.put(entry.getKey(), array);
      }
      double[] numbers = reader.read(LOG, DataType.FLOAT64, scope).toDoubleArray();
      read.forEach((name, array) -> InPlace.copy(array, arrays.get(name)));
      return new RunState(
          meta.key(), meta.steps(), meta.history(), meta.gradients(), entries(numbers));
    } catch (IOException e) {
      throw new InputException("its description cannot be read", e);
    }
  }

  private static void checkWhole(Path file) {
    String name = file.getFileName().toString();
    try {
      if (!name.endsWith("-" + sha256(file) + SUFFIX)) {
        throw new InputException("it is damaged: its content has not the hash in its name");
      }
    } catch (IOException e) {
      throw new InputException("it cannot be read", e);
    }
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return Json.sha256(in);
    }
  }

  private static Map<String, NDArray> arrays(
      Parameters model, List<NDArray> statistics, List<NDArray> moments) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    Iterator<NDArray> statistic = statistics.iterator();
    Iterator<NDArray> moment = moments.iterator();
    for (Parameter parameter : model) {
      switch (parameter.kind()) {
        case TRAINABLE -> {
          arrays.put("weight/" + parameter.name(), parameter.value());
          arrays.put("first/" + parameter.name(), moment.next());
          arrays.put("second/" + parameter.name(), moment.next());
        }
        case RUNNING_STATISTIC -> arrays.put("statistic/" + parameter.name(), statistic.next());
        case FROZEN -> {}
      }
    }
    return arrays;
  }

  private static double[] numbers(List<LogEntry> log) {
    double[] numbers = new double[log.size() * LOG_COLUMNS];
    int at = 0;
    for (LogEntry entry : log) {
      numbers[at++] = entry.step();
      numbers[at++] = entry.epoch();
      numbers[at++] = entry.loss();
      numbers[at++] = entry.forgetLoss().orElse(Double.NaN);
      numbers[at++] = entry.retainLoss().orElse(Double.NaN);
      numbers[at++] = entry.learningRate();
      numbers[at++] = entry.gradientNorm();
      numbers[at++] = entry.tokensPerSecond();
    }
    return numbers;
  }

  private static List<LogEntry> entries(double[] numbers) {
    List<LogEntry> log = new ArrayList<>();
    for (int at = 0; at < numbers.length; at += LOG_COLUMNS) {
      log.add(
          new LogEntry(
              (long) numbers[at],
              (int) numbers[at + 1],
              numbers[at + 2],
              value(numbers[at + 3]),
              value(numbers[at + 4]),
              numbers[at + 5],
              numbers[at + 6],
              numbers[at + 7]));
    }
    return log;
  }

  private static OptionalDouble value(double number) {
    return Double.isNaN(number) ? OptionalDouble.empty() : OptionalDouble.of(number);
  }
}
