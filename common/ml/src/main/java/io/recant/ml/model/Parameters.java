package io.recant.ml.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.recant.core.error.InputException;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.autograd.InPlace;
import io.recant.ml.safetensors.SafetensorsCheckpoint;
import io.recant.ml.safetensors.SafetensorsShards;
import io.recant.ml.safetensors.SafetensorsWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** A model's arrays in a fixed order, by name. The arrays belong to the model, not to this. */
public final class Parameters implements Iterable<Parameter> {

  private static final Function<String, Parameter.Kind> WEIGHTS = name -> Parameter.Kind.TRAINABLE;

  private final Map<String, Parameter> byName = new LinkedHashMap<>();

  /**
   * @param parameters in order; names are unique. Trainable ones are tracked by autograd from here.
   */
  public Parameters(List<Parameter> parameters) {
    for (Parameter parameter : parameters) {
      if (byName.put(parameter.name(), parameter) != null) {
        throw new IllegalArgumentException("two parameters are named " + parameter.name());
      }
      if (parameter.trainable()) {
        Autograd.track(List.of(parameter.value()));
      }
    }
  }

  @Override
  public Iterator<Parameter> iterator() {
    return byName.values().iterator();
  }

  /**
   * The array of that name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public NDArray get(String name) {
    Parameter parameter = byName.get(name);
    if (parameter == null) {
      throw new IllegalArgumentException("no parameter " + name + " among " + byName.keySet());
    }
    return parameter.value();
  }

  /** The arrays an optimiser may change, in order. */
  public List<NDArray> trainable() {
    return of(Parameter.Kind.TRAINABLE);
  }

  /** The arrays that the forward passes of a training change, in order; most models have none. */
  public List<NDArray> runningStatistics() {
    return of(Parameter.Kind.RUNNING_STATISTIC);
  }

  private List<NDArray> of(Parameter.Kind kind) {
    List<NDArray> arrays = new ArrayList<>();
    for (Parameter parameter : this) {
      if (parameter.kind() == kind) {
        arrays.add(parameter.value());
      }
    }
    return arrays;
  }

  /** How many numbers all arrays hold. */
  public long size() {
    long size = 0;
    for (Parameter parameter : this) {
      size += parameter.value().getShape().size();
    }
    return size;
  }

  /**
   * The same arrays by value.
   *
   * @param manager owner of the copies: the model they are for
   * @param frozen whether the copies are for reading only, so that autograd does not follow them
   */
  public Parameters copyTo(NDManager manager, boolean frozen) {
    try (GradMode off = GradMode.inference()) {
      List<Parameter> copies = new ArrayList<>();
      for (Parameter parameter : this) {
        NDArray copy =
            manager.create(parameter.value().getShape(), parameter.value().getDataType());
        InPlace.copy(parameter.value(), copy);
        Parameter.Kind kind =
            frozen && parameter.trainable() ? Parameter.Kind.FROZEN : parameter.kind();
        copies.add(new Parameter(parameter.name(), copy, kind));
      }
      return new Parameters(copies);
    }
  }

  /**
   * Reads trainable float32 parameters from a model directory.
   *
   * @param shapes every parameter the model has, in its order
   * @param manager owner of the arrays: the model they are for
   * @throws io.recant.core.error.InputException when the directory does not hold exactly these
   */
  public static Parameters load(Path directory, Map<String, Shape> shapes, NDManager manager) {
    return load(directory, shapes, found -> UnaryOperator.identity(), name -> false, manager);
  }

  /**
   * The same from a directory that has them under other names, or has more.
   *
   * @param stored from all names that were found, the one a parameter is stored under
   * @param redundant whether a tensor that is no parameter may be there
   */
  public static Parameters load(
      Path directory,
      Map<String, Shape> shapes,
      Function<Set<String>, UnaryOperator<String>> stored,
      Predicate<String> redundant,
      NDManager manager) {
    try (SafetensorsCheckpoint checkpoint = SafetensorsCheckpoint.open(directory)) {
      UnaryOperator<String> names = stored.apply(checkpoint.tensors().keySet());
      return read(checkpoint, directory, shapes, names, WEIGHTS, redundant, manager);
    }
  }

  /**
   * The same from a directory that has running statistics among them.
   *
   * @param kinds from a parameter's name to its kind
   * @param redundant whether a tensor that is no parameter may be there
   */
  public static Parameters loadKinds(
      Path directory,
      Map<String, Shape> shapes,
      Function<String, Parameter.Kind> kinds,
      Predicate<String> redundant,
      NDManager manager) {
    try (SafetensorsCheckpoint checkpoint = SafetensorsCheckpoint.open(directory)) {
      UnaryOperator<String> names = UnaryOperator.identity();
      return read(checkpoint, directory, shapes, names, kinds, redundant, manager);
    }
  }

  /**
   * Reads trainable float32 parameters from a file that holds exactly these.
   *
   * @throws io.recant.core.error.InputException when it does not
   */
  public static Parameters loadFile(Path file, Map<String, Shape> shapes, NDManager manager) {
    try (SafetensorsCheckpoint checkpoint = SafetensorsCheckpoint.openFile(file)) {
      UnaryOperator<String> names = UnaryOperator.identity();
      return read(checkpoint, file, shapes, names, WEIGHTS, name -> false, manager);
    }
  }

  private static Parameters read(
      SafetensorsCheckpoint checkpoint,
      Path where,
      Map<String, Shape> shapes,
      UnaryOperator<String> names,
      Function<String, Parameter.Kind> kinds,
      Predicate<String> redundant,
      NDManager manager) {
    Map<String, Shape> expected = new LinkedHashMap<>();
    shapes.forEach((name, shape) -> expected.put(names.apply(name), shape));
    checkpoint.require(expected, redundant);
    List<Parameter> parameters = new ArrayList<>();
    for (String name : shapes.keySet()) {
      NDArray value = checkpoint.read(names.apply(name), DataType.FLOAT32, manager);
      checkFinite(value, where, name);
      parameters.add(new Parameter(name, value, kinds.apply(name)));
    }
    return new Parameters(parameters);
  }

  /** A weight that is no number makes every answer none, and training cannot mend it. */
  private static void checkFinite(NDArray value, Path where, String name) {
    try (NDManager scope = value.getManager().newSubManager()) {
      NDArray sum = value.sum();
      sum.attach(scope);
      if (!Float.isFinite(sum.getFloat())) {
        throw new InputException(where + ": tensor '" + name + "' holds NaN or infinity");
      }
    }
  }

  /** Writes the arrays to a model directory ({@link #save(Path, Map)}). */
  public void save(Path directory) {
    save(directory, sources());
  }

  /** The arrays as they are written, by name, in their order. */
  public Map<String, SafetensorsWriter.Source> sources() {
    Map<String, SafetensorsWriter.Source> tensors = new LinkedHashMap<>();
    forEach(
        parameter -> tensors.put(parameter.name(), SafetensorsWriter.source(parameter.value())));
    return tensors;
  }

  /**
   * Writes tensors that may be made one by one to a model directory: to one file, or, where they
   * are more than {@link SafetensorsShards#USUAL_SIZE}, to several with an index. Equal values give
   * equal bytes.
   */
  public static void save(Path directory, Map<String, SafetensorsWriter.Source> tensors) {
    SafetensorsShards.write(
        directory, tensors, SafetensorsWriter.PYTORCH_LAYOUT, SafetensorsShards.USUAL_SIZE);
  }

  /** Overwrites every array with the other's of the same name, in place. */
  public void assign(Parameters other) {
    try (GradMode off = GradMode.inference()) {
      for (Parameter parameter : this) {
        InPlace.copy(other.get(parameter.name()), parameter.value());
      }
    }
  }
}
