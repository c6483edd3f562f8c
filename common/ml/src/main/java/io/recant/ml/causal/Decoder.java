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
import io.recant.ml.autograd.Scalars;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The forward pass of a Llama decoder (Touvron et al. 2023): pre-norm layers of grouped-query
 * causal attention with rotary positions and a SwiGLU feed-forward layer,
 *
 * <pre>
 *   h = h + O softmax(rot(Q n(h)) rot(K n(h))' / sqrt(d) + causal) V n(h)
 *   h = h + down (silu(gate n(h)) * up n(h)),    n(x) = w x / sqrt(mean(x^2) + eps)
 * </pre>
 *
 * Parameters carry the names and shapes of Hugging Face's {@code LlamaForCausalLM}, and the rotary
 * convention is its: coordinates i and i + d/2 of a head turn together.
 *
 * <p>Sequences are padded on the right. A token only sees those before it, so padding is never
 * attended to by a real token and needs no mask of its own; what comes out at padding has no
 * meaning. A pure function of the parameters: it owns nothing, and everything it makes is attached
 * to the manager of the token ids.
 */
public final class Decoder {

  /** The embedding, (V, D), and with tied embeddings the output projection too. */
  public static final String EMBEDDING = "model.embed_tokens.weight";

  /** The last norm's weight, (D). */
  public static final String NORM = "model.norm.weight";

  /** The output projection, (V, D), where it is not the embedding. */
  public static final String HEAD = "lm_head.weight";

  private static final String OUTPUT = "self_attn.o_proj";
  private static final String DOWN = "mlp.down_proj";
  private static final float MASKED = -1e9f;

  private final DecoderConfig config;

  public Decoder(DecoderConfig config) {
    this.config = config;
  }

  /** Every parameter and its shape, in the order of the forward pass. */
  public Map<String, Shape> shapes() {
    long width = config.hiddenSize();
    long keyValueWidth = (long) config.keyValueHeads() * config.headSize();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put(EMBEDDING, new Shape(config.vocabularySize(), width));
    for (int i = 0; i < config.layers(); i++) {
      shapes.put(layer(i, "input_layernorm"), new Shape(width));
      shapes.put(layer(i, "self_attn.q_proj"), new Shape(width, width));
      shapes.put(layer(i, "self_attn.k_proj"), new Shape(keyValueWidth, width));
      shapes.put(layer(i, "self_attn.v_proj"), new Shape(keyValueWidth, width));
      shapes.put(layer(i, OUTPUT), new Shape(width, width));
      shapes.put(layer(i, "post_attention_layernorm"), new Shape(width));
      shapes.put(layer(i, "mlp.gate_proj"), new Shape(config.intermediateSize(), width));
      shapes.put(layer(i, "mlp.up_proj"), new Shape(config.intermediateSize(), width));
      shapes.put(layer(i, DOWN), new Shape(width, config.intermediateSize()));
    }
    shapes.put(NORM, new Shape(width));
    if (!config.tiedEmbeddings()) {
      shapes.put(HEAD, new Shape(config.vocabularySize(), width));
    }
    return shapes;
  }

  /**
   * The last hidden states, normalised: what the output projection reads.
   *
   * @param parameters the parameter of a name of {@link #shapes}
   * @param ids token ids (N, T), 64-bit, padded on the right
   * @return (N, T, D)
   */
  public NDArray hidden(Function<String, NDArray> parameters, NDArray ids) {
    int length = Math.toIntExact(ids.getShape().get(1));
    NDManager manager = ids.getManager();
    NDArray causal = causalMask(manager, length);
    NDList rotation = rotation(manager, length);
    NDArray hidden =
        Embedding.embedding(ids, parameters.apply(EMBEDDING), SparseFormat.DENSE)
            .singletonOrThrow();
    for (int i = 0; i < config.layers(); i++) {
      int index = i;
      Function<String, NDArray> weights = part -> parameters.apply(layer(index, part));
      NDArray attended = norm(hidden, weights.apply("input_layernorm"));
      hidden = hidden.add(attention(weights, attended, causal, rotation));
      NDArray fed = norm(hidden, weights.apply("post_attention_layernorm"));
      hidden = hidden.add(feedForward(weights, fed));
    }
    return norm(hidden, parameters.apply(NORM));
  }

  /** Scores over the vocabulary: (..., D) to (..., V), before any softmax. */
  public NDArray logits(Function<String, NDArray> parameters, NDArray hidden) {
    return linear(hidden, parameters.apply(config.tiedEmbeddings() ? EMBEDDING : HEAD));
  }

  /** Whether a parameter is the last of a branch, whose outcome is added to the residual stream. */
  static boolean writesResidual(String name) {
    return name.endsWith(OUTPUT + ".weight") || name.endsWith(DOWN + ".weight");
  }

  private NDArray attention(
      Function<String, NDArray> weights, NDArray input, NDArray causal, NDList rotation) {
    long batch = input.getShape().get(0);
    long length = input.getShape().get(1);
    int size = config.headSize();
    int groups = config.keyValueHeads();
    NDArray queries =
        linear(input, weights.apply("self_attn.q_proj"))
            .reshape(batch, length, config.heads(), size);
    NDArray keys =
        linear(input, weights.apply("self_attn.k_proj")).reshape(batch, length, groups, size);
    NDArray values =
        linear(input, weights.apply("self_attn.v_proj"))
            .reshape(batch, length, groups, size)
            .transpose(0, 2, 1, 3);
    NDArray turned = rotate(queries.concat(keys, 2), rotation).transpose(0, 2, 1, 3);
    NDList parts = turned.split(new long[] {config.heads()}, 1);
    // The query heads of a group sit one after another, so one product serves the whole group.
    NDArray query =
        Scalars.times(parts.get(0), 1 / Math.sqrt(size))
            .reshape(batch, groups, config.groupSize() * length, size);
    NDArray scores =
        query
            .matMul(parts.get(1).transpose(0, 1, 3, 2))
            .reshape(batch, config.heads(), length, length)
            .add(causal)
            .softmax(-1)
            .reshape(batch, groups, config.groupSize() * length, length);
    NDArray mixed =
        scores
            .matMul(values)
            .reshape(batch, config.heads(), length, size)
            .transpose(0, 2, 1, 3)
            .reshape(batch, length, config.hiddenSize());
    return linear(mixed, weights.apply(OUTPUT));
  }

  private static NDArray feedForward(Function<String, NDArray> weights, NDArray input) {
    NDArray gate = linear(input, weights.apply("mlp.gate_proj"));
    NDArray up = linear(input, weights.apply("mlp.up_proj"));
    return linear(Activation.sigmoid(gate).mul(gate).mul(up), weights.apply(DOWN));
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

  /** Cosines, and sines with the first half negated, both (T, 1, d). */
  private NDList rotation(NDManager manager, int length) {
    int size = config.headSize();
    int half = size / 2;
    float[] cosines = new float[length * size];
    float[] sines = new float[length * size];
    for (int position = 0; position < length; position++) {
      for (int i = 0; i < half; i++) {
        double angle = position * Math.pow(config.ropeTheta(), -2.0 * i / size);
        int at = position * size + i;
        cosines[at] = (float) Math.cos(angle);
        cosines[at + half] = cosines[at];
        sines[at] = (float) -Math.sin(angle);
        sines[at + half] = -sines[at];
      }
    }
    Shape shape = new Shape(length, 1, size);
    return new NDList(manager.create(cosines, shape), manager.create(sines, shape));
  }

  private static NDArray causalMask(NDManager manager, int length) {
    float[] mask = new float[length * length];
    for (int row = 0; row < length; row++) {
      for (int column = row + 1; column < length; column++) {
        mask[row * length + column] = MASKED;
      }
    }
    return manager.create(mask, new Shape(length, length));
  }

  private static NDArray linear(NDArray input, NDArray weight) {
    return Linear.linear(input, weight).singletonOrThrow();
  }

  private static String layer(int index, String part) {
    return "model.layers." + index + "." + part + ".weight";
  }
}
