package io.recant.ml.causal;

import java.util.Map;

/**
 * A Llama decoder written down a second time, in plain double arithmetic, one token and one head at
 * a time, as the papers state it: slow, and sharing no line with the one under test.
 */
final class ReferenceDecoder {

  /** Which coordinates of a head turn together. */
  enum Pairs {
    /** i and i + d/2, as {@code transformers} has it. */
    HALVES,
    /** 2i and 2i + 1, as the paper has it. */
    NEIGHBOURS
  }

  private final LlamaConfig config;
  private final Pairs pairs;
  private final Map<String, float[]> weights;

  ReferenceDecoder(LlamaConfig config, Pairs pairs, Map<String, float[]> weights) {
    this.config = config;
    this.pairs = pairs;
    this.weights = weights;
  }

  /** Logits [T][V] of one sequence. */
  double[][] logits(long[] ids) {
    int width = config.hiddenSize();
    double[][] h = new double[ids.length][width];
    for (int t = 0; t < ids.length; t++) {
      for (int i = 0; i < width; i++) {
        h[t][i] = weights.get("model.embed_tokens.weight")[(int) ids[t] * width + i];
      }
    }
    for (int l = 0; l < config.layers(); l++) {
      String layer = "model.layers." + l + ".";
      add(h, attention(layer + "self_attn.", norm(h, layer + "input_layernorm")));
      add(h, feedForward(layer + "mlp.", norm(h, layer + "post_attention_layernorm")));
    }
    String head = config.tiedEmbeddings() ? "model.embed_tokens" : "lm_head";
    return project(norm(h, "model.norm"), head);
  }

  private double[][] attention(String at, double[][] x) {
    double[][] q = project(x, at + "q_proj");
    double[][] k = project(x, at + "k_proj");
    double[][] v = project(x, at + "v_proj");
    int d = config.headSize();
    double[][] out = new double[x.length][config.hiddenSize()];
    for (int head = 0; head < config.heads(); head++) {
      int shared = head / config.groupSize();
      for (int t = 0; t < x.length; t++) {
        double[] p = new double[t + 1];
        double total = 0;
        for (int s = 0; s <= t; s++) {
          double dot = 0;
          for (int i = 0; i < d; i++) {
            dot += turned(q[t], head * d, i, t) * turned(k[s], shared * d, i, s);
          }
          p[s] = Math.exp(dot / Math.sqrt(d));
          total += p[s];
        }
        for (int s = 0; s <= t; s++) {
          for (int i = 0; i < d; i++) {
            out[t][head * d + i] += p[s] / total * v[s][shared * d + i];
          }
        }
      }
    }
    return project(out, at + "o_proj");
  }

  /** x cos - y sin for the first of a pair x, y, and y cos + x sin for the second. */
  private double turned(double[] x, int offset, int i, int position) {
    int half = config.headSize() / 2;
    boolean halves = pairs == Pairs.HALVES;
    int pair = halves ? i % half : i / 2;
    int distance = halves ? half : 1;
    boolean first = halves ? i < half : i % 2 == 0;
    double angle = position / Math.pow(config.rotary().theta(), pair / (double) half);
    double other = first ? -x[offset + i + distance] : x[offset + i - distance];
    return x[offset + i] * Math.cos(angle) + other * Math.sin(angle);
  }

  private double[][] feedForward(String at, double[][] x) {
    double[][] gate = project(x, at + "gate_proj");
    double[][] up = project(x, at + "up_proj");
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < up[t].length; i++) {
        up[t][i] *= gate[t][i] / (1 + Math.exp(-gate[t][i]));
      }
    }
    return project(up, at + "down_proj");
  }

  private double[][] norm(double[][] x, String name) {
    float[] w = weights.get(name + ".weight");
    double[][] out = new double[x.length][w.length];
    for (int t = 0; t < x.length; t++) {
      double square = 0;
      for (double value : x[t]) {
        square += value * value;
      }
      for (int i = 0; i < w.length; i++) {
        out[t][i] = w[i] * x[t][i] / Math.sqrt(square / w.length + config.normEpsilon());
      }
    }
    return out;
  }

  private double[][] project(double[][] x, String name) {
    float[] w = weights.get(name + ".weight");
    int inputs = x[0].length;
    double[][] out = new double[x.length][w.length / inputs];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < out[t].length; o++) {
        for (int i = 0; i < inputs; i++) {
          out[t][o] += w[o * inputs + i] * x[t][i];
        }
      }
    }
    return out;
  }

  private static void add(double[][] to, double[][] values) {
    for (int t = 0; t < to.length; t++) {
      for (int i = 0; i < to[t].length; i++) {
        to[t][i] += values[t][i];
      }
    }
  }
}
