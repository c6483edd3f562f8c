package io.recant.ml.causal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import io.recant.ml.autograd.Recomputation;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The forward pass of a Llama decoder (Touvron et al. 2023) and its descendants: pre-norm layers of
 * grouped-query causal attention with rotary positions and a SwiGLU feed-forward layer,
 *
 * <pre>
 *   h = h + O softmax(rot(Q n(h)) rot(K n(h))' / sqrt(d) + causal) V n(h)
 *   h = h + down (silu(gate n(h)) * up n(h)),    n(x) = w x / sqrt(mean(x^2) + eps)
 * </pre>
 *
 * and, where the architecture has them, biases, norms of each query's and key's heads before they
 * turn (Qwen3), and a window that attention does not look out of (Mistral). Coordinates i and i +
 * d/2 of a head turn together, as in {@code transformers}.
 */
final class LlamaDecoder implements Decoder {

  /** The embedding, (V, D), and with tied embeddings the output projection too. */
  static final String EMBEDDING = "model.embed_tokens.weight";

  /** The last norm's weight, (D). */
  static final String NORM = "model.norm.weight";

  /** The output projection, (V, D), where it is not the embedding. */
  static final String HEAD = "lm_head.weight";

  private static final String LAYERS = "model.layers.";
  private static final String QUERY_NORM = "self_attn.q_norm";
  private static final String KEY_NORM = "self_attn.k_norm";
  private static final String OUTPUT = "self_attn.o_proj";
  private static final String DOWN = "mlp.down_proj";

  private final LlamaConfig config;

  LlamaDecoder(LlamaConfig config) {
    this.config = config;
  }

  @Override
  public Map<String, Shape> shapes() {
    long width = config.hiddenSize();
    long queries = (long) config.heads() * config.headSize();
    long keys = (long) config.keyValueHeads() * config.headSize();
    long inner = config.intermediateSize();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put(EMBEDDING, new Shape(config.vocabularySize(), width));
    for (int i = 0; i < config.layers(); i++) {
      norm(shapes, layer(i, "input_layernorm"), width);
      linear(shapes, layer(i, "self_attn.q_proj"), width, queries, config.inputBias());
      linear(shapes, layer(i, "self_attn.k_proj"), width, keys, config.inputBias());
      linear(shapes, layer(i, "self_attn.v_proj"), width, keys, config.inputBias());
      if (config.headNorms()) {
        norm(shapes, layer(i, QUERY_NORM), config.headSize());
        norm(shapes, layer(i, KEY_NORM), config.headSize());
      }
      linear(shapes, layer(i, OUTPUT), queries, width, config.outputBias());
      norm(shapes, layer(i, "post_attention_layernorm"), width);
      linear(shapes, layer(i, "mlp.gate_proj"), width, inner, config.feedForwardBias());
      linear(shapes, layer(i, "mlp.up_proj"), width, inner, config.feedForwardBias());
      linear(shapes, layer(i, DOWN), inner, width, config.feedForwardBias());
    }
    shapes.put(NORM, new Shape(width));
    if (!config.tiedEmbeddings()) {
      shapes.put(HEAD, new Shape(config.vocabularySize(), width));
    }
    return shapes;
  }

  @Override
  public double deviation(String name, Shape shape) {
    double unit = 1 / Math.sqrt(shape.get(1));
    if (name.equals(EMBEDDING)) {
      return 2 * unit;
    }
    boolean writesResidual = name.endsWith(OUTPUT + ".weight") || name.endsWith(DOWN + ".weight");
    return writesResidual ? unit / Math.sqrt(2.0 * config.layers()) : unit;
  }

  @Override
  public String layerPrefix() {
    return LAYERS;
  }

  @Override
  public boolean storesInputsFirst() {
    return false;
  }

  @Override
  public int layers() {
    return config.layers();
  }

  @Override
  public NDArray states(Weights weights, NDArray ids, Context context, int layers) {
    NDManager manager = ids.getManager();
    Surroundings surroundings =
        new Surroundings(
            context,
            CausalAttention.mask(manager, context, config.window()),
            rotation(manager, context.positions()));
    NDArray hidden =
        Embedding.embedding(ids, weights.get(EMBEDDING), SparseFormat.DENSE).singletonOrThrow();
    for (int i = 0; i < layers; i++) {
      int index = i;
      Weights own = weights.under(layer(i, ""));
      hidden = Recomputation.of(hidden, states -> layer(own, index, states, surroundings));
    }
    return hidden;
  }

  private NDArray layer(Weights weights, int index, NDArray states, Surroundings surroundings) {
    NDArray attending = norm(states, weights.get("input_layernorm.weight"));
    NDArray attended = states.add(attention(weights, index, attending, surroundings));
    NDArray fed = norm(attended, weights.get("post_attention_layernorm.weight"));
    return attended.add(feedForward(weights, fed));
  }

  @Override
  public NDArray normalised(Weights weights, NDArray states) {
    return norm(states, weights.get(NORM));
  }

  @Override
  public NDArray logits(Weights weights, NDArray hidden) {
    NDArray head = weights.get(config.tiedEmbeddings() ? EMBEDDING : HEAD);
    return Linear.linear(hidden, head).singletonOrThrow();
  }

  @Override
  public boolean isRedundant(String name) {
    return name.endsWith(".rotary_emb.inv_freq") || config.tiedEmbeddings() && name.equals(HEAD);
  }

  /** What every layer of a pass shares: {@code rotation} is from {@link #rotation}. */
  private record Surroundings(Context context, NDArray mask, NDList rotation) {}

  private NDArray attention(Weights weights, int index, NDArray input, Surroundings surroundings) {
    NDArray queries = heads(weights, "self_attn.q_proj", input, config.heads());
    NDArray keys = heads(weights, "self_attn.k_proj", input, config.keyValueHeads());
    NDArray values = heads(weights, "self_attn.v_proj", input, config.keyValueHeads());
    if (config.headNorms()) {
      queries = norm(queries, weights.get(QUERY_NORM + ".weight"));
      keys = norm(keys, weights.get(KEY_NORM + ".weight"));
    }
    NDArray turned = rotate(queries.concat(keys, 2), surroundings.rotation()).transpose(0, 2, 1, 3);
    NDList parts = turned.split(new long[] {config.heads()}, 1);
    NDList attended =
        surroundings.context().attended(index, parts.get(1), values.transpose(0, 2, 1, 3));
    NDArray mixed =
        CausalAttention.of(parts.get(0), attended.get(0), attended.get(1), surroundings.mask());
    return linear(weights, OUTPUT, mixed, config.outputBias());
  }

  /** (N, T, heads, d). */
  private NDArray heads(Weights weights, String name, NDArray input, int heads) {
    return linear(weights, name, input, config.inputBias())
        .reshape(input.getShape().get(0), input.getShape().get(1), heads, config.headSize());
  }

  private NDArray feedForward(Weights weights, NDArray input) {
    boolean bias = config.feedForwardBias();
    NDArray gate = linear(weights, "mlp.gate_proj", input, bias);
    NDArray up = linear(weights, "mlp.up_proj", input, bias);
    return linear(weights, DOWN, Activation.sigmoid(gate).mul(gate).mul(up), bias);
  }

  private NDArray norm(NDArray input, NDArray weight) {
    NDArray scale = input.mul(input).mean(new int[] {-1}, true).add(config.normEpsilon()).sqrt();
    return input.div(scale).mul(weight);
  }

  /**
   * Turns (N, T, heads, d) by the angles of its positions; {@code rotation} from {@link #rotation}.
   */
  private static NDArray rotate(NDArray input, NDList rotation) {
    NDList halves = input.split(2, 3);
    NDArray swapped = NDArrays.concat(new NDList(halves.get(1), halves.get(0)), 3);
    return input.mul(rotation.get(0)).add(swapped.mul(rotation.get(1)));
  }

  /** Cosines, and sines with the first half negated, both (1 or N, T, 1, d). */
  private NDList rotation(NDManager manager, long[][] positions) {
    int size = config.headSize();
    int half = size / 2;
    int length = positions[0].length;
    double[] frequencies = config.rotary().frequencies(size);
    float[] cosines = new float[positions.length * length * size];
    float[] sines = new float[cosines.length];
    int token = 0;
    for (long[] row : positions) {
      for (long position : row) {
        for (int i = 0; i < half; i++) {
          double angle = position * frequencies[i];
          int at = token * size + i;
          cosines[at] = (float) Math.cos(angle);
          cosines[at + half] = cosines[at];
          sines[at] = (float) -Math.sin(angle);
          sines[at + half] = -sines[at];
        }
        token++;
      }
    }
    Shape shape = new Shape(positions.length, length, 1, size);
    return new NDList(manager.create(cosines, shape), manager.create(sines, shape));
  }

  private static NDArray linear(Weights weights, String name, NDArray input, boolean bias) {
    NDArray weight = weights.get(name + ".weight");
    NDArray output =
        (bias
                ? Linear.linear(input, weight, weights.get(name + ".bias"))
                : Linear.linear(input, weight))
            .singletonOrThrow();
    return weights.adapted(name, input, output);
  }

  private static void linear(
      Map<String, Shape> shapes, String name, long from, long to, boolean bias) {
    shapes.put(name + ".weight", new Shape(to, from));
    if (bias) {
      shapes.put(name + ".bias", new Shape(to));
    }
  }

  private static void norm(Map<String, Shape> shapes, String name, long width) {
    shapes.put(name + ".weight", new Shape(width));
  }

  private static String layer(int index, String part) {
    return LAYERS + index + "." + part;
  }
}
