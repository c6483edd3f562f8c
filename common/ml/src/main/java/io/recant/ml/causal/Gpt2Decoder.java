package io.recant.ml.causal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import io.recant.ml.autograd.Recomputation;
import io.recant.ml.autograd.Scalars;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The forward pass of GPT-2 (Radford et al. 2019): learned positions, pre-norm layers of causal
 * attention and a feed-forward layer,
 *
 * <pre>
 *   h = h + c_proj(attention(c_attn(n(h)))),  h = h + c_proj(gelu(c_fc(n(h)))),  n = LayerNorm
 * </pre>
 *
 * Parameters carry the names and shapes of {@code GPT2LMHeadModel}, whose projections are stored as
 * (inputs, outputs); gelu is the approximation by tanh.
 */
final class Gpt2Decoder implements Decoder {

  private static final String PREFIX = "transformer.";
  private static final String LAYERS = PREFIX + "h.";
  private static final String EMBEDDING = PREFIX + "wte.weight";
  private static final String POSITIONS = PREFIX + "wpe.weight";
  private static final String NORM = PREFIX + "ln_f";
  private static final String HEAD = "lm_head.weight";

  private final Gpt2Config config;

  Gpt2Decoder(Gpt2Config config) {
    this.config = config;
  }

  @Override
  public Map<String, Shape> shapes() {
    long width = config.hiddenSize();
    long inner = config.intermediateSize();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put(EMBEDDING, new Shape(config.vocabularySize(), width));
    shapes.put(POSITIONS, new Shape(config.maximumPositions(), width));
    for (int i = 0; i < config.layers(); i++) {
      norm(shapes, layer(i, "ln_1"), width);
      projection(shapes, layer(i, "attn.c_attn"), width, 3 * width);
      projection(shapes, layer(i, "attn.c_proj"), width, width);
      norm(shapes, layer(i, "ln_2"), width);
      projection(shapes, layer(i, "mlp.c_fc"), width, inner);
      projection(shapes, layer(i, "mlp.c_proj"), inner, width);
    }
    norm(shapes, NORM, width);
    if (!config.tiedEmbeddings()) {
      shapes.put(HEAD, new Shape(config.vocabularySize(), width));
    }
    return shapes;
  }

  /**
   * Positions are small beside the tokens' embedding, which stands in the output projection too.
   */
  @Override
  public double deviation(String name, Shape shape) {
    double width = config.hiddenSize();
    return switch (name) {
      case EMBEDDING -> 2 / Math.sqrt(width);
      case POSITIONS, HEAD -> 1 / Math.sqrt(width);
      default -> {
        double unit = 1 / Math.sqrt(shape.get(0));
        yield name.endsWith(".c_proj.weight") ? unit / Math.sqrt(2.0 * config.layers()) : unit;
      }
    };
  }

  @Override
  public String layerPrefix() {
    return LAYERS;
  }

  @Override
  public boolean storesInputsFirst() {
    return true;
  }

  @Override
  public int layers() {
    return config.layers();
  }

  @Override
  public NDArray states(Weights weights, NDArray ids, Context context, int layers) {
    NDManager manager = ids.getManager();
    Surroundings surroundings =
        new Surroundings(context, CausalAttention.mask(manager, context, 0));
    NDArray positions = manager.create(context.positions());
    NDArray hidden = embedded(weights, EMBEDDING, ids).add(embedded(weights, POSITIONS, positions));
    for (int i = 0; i < layers; i++) {
      int index = i;
      hidden = Recomputation.of(hidden, states -> layer(weights, index, states, surroundings));
    }
    return hidden;
  }

  private NDArray layer(Weights weights, int index, NDArray states, Surroundings surroundings) {
    NDArray attending = norm(weights, layer(index, "ln_1"), states);
    NDArray attended = states.add(attention(weights, index, attending, surroundings));
    return attended.add(feedForward(weights, index, norm(weights, layer(index, "ln_2"), attended)));
  }

  @Override
  public NDArray normalised(Weights weights, NDArray states) {
    return norm(weights, NORM, states);
  }

  @Override
  public NDArray logits(Weights weights, NDArray hidden) {
    NDArray head = weights.get(config.tiedEmbeddings() ? EMBEDDING : HEAD);
    return Linear.linear(hidden, head).singletonOrThrow();
  }

  /** Checkpoints of the bare model, the published ones among them, leave the prefix out. */
  @Override
  public UnaryOperator<String> stored(Set<String> found) {
    return found.contains(EMBEDDING.substring(PREFIX.length()))
        ? name -> name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name
        : UnaryOperator.identity();
  }

  @Override
  public boolean isRedundant(String name) {
    return name.endsWith(".attn.bias")
        || name.endsWith(".attn.masked_bias")
        || config.tiedEmbeddings() && name.equals(HEAD);
  }

  private static NDArray embedded(Weights weights, String table, NDArray rows) {
    return Embedding.embedding(rows, weights.get(table), SparseFormat.DENSE).singletonOrThrow();
  }

  /** What every layer of a pass shares. */
  private record Surroundings(Context context, NDArray mask) {}

  private NDArray attention(Weights weights, int index, NDArray input, Surroundings surroundings) {
    long batch = input.getShape().get(0);
    long length = input.getShape().get(1);
    NDList parts = projected(weights, layer(index, "attn.c_attn"), input).split(3, 2);
    NDArray[] heads = new NDArray[3];
    for (int i = 0; i < heads.length; i++) {
      heads[i] =
          parts
              .get(i)
              .reshape(batch, length, config.heads(), config.hiddenSize() / config.heads())
              .transpose(0, 2, 1, 3);
    }
    NDList attended = surroundings.context().attended(index, heads[1], heads[2]);
    NDArray mixed =
        CausalAttention.of(heads[0], attended.get(0), attended.get(1), surroundings.mask());
    return projected(weights, layer(index, "attn.c_proj"), mixed);
  }

  private static NDArray feedForward(Weights weights, int index, NDArray input) {
    NDArray inner = projected(weights, layer(index, "mlp.c_fc"), input);
    return projected(weights, layer(index, "mlp.c_proj"), gelu(inner));
  }

  /** x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2. */
  private static NDArray gelu(NDArray x) {
    NDArray bent = x.add(Scalars.times(x.mul(x).mul(x), 0.044715));
    NDArray gate = Scalars.times(bent, Math.sqrt(2 / Math.PI)).tanh().add(1);
    return Scalars.times(x.mul(gate), 0.5);
  }

  private static NDArray projected(Weights weights, String name, NDArray input) {
    NDArray output = input.matMul(weights.get(name + ".weight")).add(weights.get(name + ".bias"));
    return weights.adapted(name, input, output);
  }

  private NDArray norm(Weights weights, String name, NDArray input) {
    return LayerNorm.layerNorm(
            input,
            new Shape(config.hiddenSize()),
            weights.get(name + ".weight"),
            weights.get(name + ".bias"),
            (float) config.normEpsilon())
        .singletonOrThrow();
  }

  private static void norm(Map<String, Shape> shapes, String name, long width) {
    shapes.put(name + ".weight", new Shape(width));
    shapes.put(name + ".bias", new Shape(width));
  }

  private static void projection(Map<String, Shape> shapes, String name, long from, long to) {
    shapes.put(name + ".weight", new Shape(from, to));
    shapes.put(name + ".bias", new Shape(to));
  }

  private static String layer(int index, String part) {
    return LAYERS + index + "." + part;
  }
}
