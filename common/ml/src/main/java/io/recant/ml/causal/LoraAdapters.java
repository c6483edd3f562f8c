package io.recant.ml.causal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import io.recant.core.error.ConfigException;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.autograd.InPlace;
import io.recant.ml.autograd.Scalars;
import io.recant.ml.model.Parameter;
import io.recant.ml.model.Parameters;
import io.recant.ml.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Low-rank adapters on projections of a decoder (Hu et al. 2022): a frozen matrix W gives
 *
 * <pre>  W x + (alpha / r) B A x,    A (r, inputs), B (outputs, r),</pre>
 *
 * and only A and B are trained. B starts at zero, so a new adapter changes nothing; A is drawn from
 * U(-1/sqrt(inputs), 1/sqrt(inputs)), as PEFT draws it. A model with adapters is a {@link
 * CausalModel} whose trainable parameters are these.
 */
public final class LoraAdapters implements Weights {

  private static final String PREFIX = "base_model.model.";
  private static final String DOWN = ".lora_A.weight";
  private static final String UP = ".lora_B.weight";
  private static final String WEIGHT = ".weight";

  private final LoraSettings settings;
  private final Decoder decoder;
  private final Parameters parameters;
  private final Set<String> targets;

  /**
   * @param parameters the decoder's and those of {@link #shapes}
   */
  LoraAdapters(LoraSettings settings, Decoder decoder, Parameters parameters) {
    this.settings = settings;
    this.decoder = decoder;
    this.parameters = parameters;
    targets = targets(settings, decoder);
  }

  /**
   * Puts new adapters on a model. Its arrays move to the model returned, so no memory is taken for
   * a second base; the model given is closed.
   *
   * @param seed decides A
   * @throws ConfigException when a target is no projection of this model
   */
  public static CausalModel attach(CausalModel base, LoraSettings settings, long seed) {
    Map<String, Shape> shapes = shapes(settings, base.decoder());
    return attach(base, settings, owner -> drawn(shapes, seed, owner));
  }

  /**
   * The same with adapters that exist already.
   *
   * @param adapters makes those of {@link #shapes} with the manager of the model returned
   */
  static CausalModel attach(
      CausalModel base, LoraSettings settings, Function<NDManager, Parameters> adapters) {
    if (base.adapters().isPresent()) {
      throw new ConfigException("lora: the model has adapters; merge them before adding others");
    }
    CausalModel adapted =
        base.with(
            Optional.of(settings),
            owner -> {
              Parameters added = adapters.apply(owner);
              List<Parameter> all = moved(base.parameters(), owner, false);
              added.forEach(all::add);
              return new Parameters(all);
            });
    base.close();
    return adapted;
  }

  /**
   * The model whose weights are what a model's weights and adapters make together, W + (alpha / r)
   * B A. Its arrays are those of the model given, which is closed.
   */
  public static CausalModel merge(CausalModel adapted) {
    LoraAdapters lora =
        adapted.adapters().orElseThrow(() -> new ConfigException("lora: nothing to merge"));
    CausalModel merged =
        adapted.with(
            Optional.empty(),
            owner -> {
              List<Parameter> base = new ArrayList<>();
              for (String name : lora.decoder.shapes().keySet()) {
                base.add(new Parameter(name, lora.parameters.get(name), true));
              }
              lora.addInPlace();
              return new Parameters(moved(base, owner, true));
            });
    adapted.close();
    return merged;
  }

  private static List<Parameter> moved(
      Iterable<Parameter> parameters, NDManager owner, boolean trainable) {
    List<Parameter> moved = new ArrayList<>();
    for (Parameter parameter : parameters) {
      parameter.value().attach(owner);
      Autograd.untrack(List.of(parameter.value()));
      moved.add(new Parameter(parameter.name(), parameter.value(), trainable));
    }
    return moved;
  }

  /** What the adapters were made with. */
  public LoraSettings settings() {
    return settings;
  }

  /** A and B of every target by PEFT's names, in the order of the forward pass. */
  static Map<String, Shape> shapes(LoraSettings settings, Decoder decoder) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (String target : targets(settings, decoder)) {
      Shape shape = decoder.shapes().get(target + WEIGHT);
      int inputs = decoder.storesInputsFirst() ? 0 : 1;
      shapes.put(PREFIX + target + DOWN, new Shape(settings.rank(), shape.get(inputs)));
      shapes.put(PREFIX + target + UP, new Shape(shape.get(1 - inputs), settings.rank()));
    }
    return shapes;
  }

  /** The adapters alone, by the names of {@link #shapes}. */
  Map<String, NDArray> arrays() {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    shapes(settings, decoder).keySet().forEach(name -> arrays.put(name, parameters.get(name)));
    return arrays;
  }

  private static Set<String> targets(LoraSettings settings, Decoder decoder) {
    Set<String> found = new LinkedHashSet<>();
    Set<String> missing = new TreeSet<>(settings.targets());
    Set<String> known = new TreeSet<>();
    for (String projection : decoder.projections()) {
      known.add(projection.substring(projection.lastIndexOf('.') + 1));
      for (String target : settings.targets()) {
        if (projection.equals(target) || projection.endsWith("." + target)) {
          found.add(projection);
          missing.remove(target);
        }
      }
    }
    if (found.isEmpty() || !missing.isEmpty()) {
      throw new ConfigException(
          "lora: targets " + missing + " are no projections of this model, which has " + known);
    }
    return found;
  }

  private static Parameters drawn(Map<String, Shape> shapes, long seed, NDManager owner) {
    Random random = new Random(seed);
    List<Parameter> drawn = new ArrayList<>();
    shapes.forEach(
        (name, shape) -> {
          float[] values = new float[Math.toIntExact(shape.size())];
          if (name.endsWith(DOWN)) {
            double bound = 1 / Math.sqrt(shape.get(1));
            for (int i = 0; i < values.length; i++) {
              values[i] = (float) (bound * (2 * random.nextDouble() - 1));
            }
          }
          drawn.add(new Parameter(name, owner.create(values, shape), true));
        });
    return new Parameters(drawn);
  }

  @Override
  public NDArray get(String name) {
    return parameters.get(name);
  }

  @Override
  public NDArray adapted(String projection, NDArray input, NDArray output) {
    if (!targets.contains(projection)) {
      return output;
    }
    NDArray low = Linear.linear(input, down(projection)).singletonOrThrow();
    NDArray added = Linear.linear(low, up(projection)).singletonOrThrow();
    return output.add(Scalars.times(added, settings.scale()));
  }

  /** The decoder's parameters as {@link #merge} would make them, each made when it is written. */
  Map<String, SafetensorsWriter.Source> merged() {
    Map<String, SafetensorsWriter.Source> tensors = new LinkedHashMap<>();
    for (String name : decoder.shapes().keySet()) {
      tensors.put(name, SafetensorsWriter.source(parameters.get(name)));
    }
    for (String target : targets) {
      tensors.computeIfPresent(target + WEIGHT, (name, weight) -> new Merged(target, weight));
    }
    return tensors;
  }

  /**
   * Makes what these adapters add the negative of what others have learned that were new when these
   * were: A of the others, and B their B times {@code -scale}. The product of negated factors would
   * be something else.
   *
   * @param learned adapters of the same kind on the same base
   * @throws ConfigException when these are not new: B is not zero
   */
  public void negate(LoraAdapters learned, double scale) {
    try (GradMode off = GradMode.inference()) {
      for (String target : targets) {
        try (NDManager scope = up(target).getManager().newSubManager()) {
          NDArray largest = up(target).abs().max();
          largest.attach(scope);
          if (largest.getFloat() != 0) {
            throw new ConfigException("lora: adapters that add something cannot be negated");
          }
          NDArray negated = Scalars.times(learned.up(target), -scale);
          negated.attach(scope);
          InPlace.copy(learned.down(target), down(target));
          InPlace.copy(negated, up(target));
        }
      }
    }
  }

  private void addInPlace() {
    try (GradMode off = GradMode.inference()) {
      for (String target : targets) {
        try (NDArray added = added(target)) {
          parameters.get(target + WEIGHT).addi(added);
        }
      }
    }
  }

  /** (alpha / r) B A, laid out as the matrix it is added to. */
  private NDArray added(String target) {
    try (NDManager scope = down(target).getManager().newSubManager()) {
      NDArray product = up(target).matMul(down(target));
      product.attach(scope);
      NDArray scaled = Scalars.times(product, settings.scale());
      NDArray added = decoder.storesInputsFirst() ? scaled.transpose() : scaled;
      added.attach(scope.getParentManager());
      return added;
    }
  }

  private NDArray down(String projection) {
    return parameters.get(PREFIX + projection + DOWN);
  }

  private NDArray up(String projection) {
    return parameters.get(PREFIX + projection + UP);
  }

  /** A matrix with its adapter added, made when it is written. */
  private final class Merged implements SafetensorsWriter.Source {

    private final String target;
    private final SafetensorsWriter.Source weight;

    Merged(String target, SafetensorsWriter.Source weight) {
      this.target = target;
      this.weight = weight;
    }

    @Override
    public DataType type() {
      return weight.type();
    }

    @Override
    public Shape shape() {
      return weight.shape();
    }

    @Override
    public void writeTo(WritableByteChannel channel) throws IOException {
      try (GradMode off = GradMode.inference();
          NDArray added = added(target);
          NDArray merged = parameters.get(target + WEIGHT).add(added)) {
        SafetensorsWriter.source(merged).writeTo(channel);
      }
    }
  }
}
