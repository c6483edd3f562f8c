package io.recant.ml.causal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * How fast the coordinates of a head turn with the position (Su et al. 2021): pair i of d/2 by
 * theta^(-2i/d) a token, slowed down where a model was stretched to longer texts.
 *
 * @param theta base of the wavelengths
 * @param scaling how it was stretched
 */
record RotaryPositions(double theta, Scaling scaling) {

  /** How frequencies were slowed down. */
  sealed interface Scaling {

    /** The frequency for one that was not. */
    double of(double frequency);
  }

  /** As it was trained first. */
  record Unscaled() implements Scaling {
    @Override
    public double of(double frequency) {
      return frequency;
    }
  }

  /** Position interpolation (Chen et al. 2023): every frequency divided by the factor. */
  record Linear(double factor) implements Scaling {
    @Override
    public double of(double frequency) {
      return frequency / factor;
    }
  }

  /**
   * Llama 3.1's: wavelengths longer than {@code positions / low} are stretched by the factor, those
   * shorter than {@code positions / high} are kept, and between them it is interpolated.
   */
  record Llama3(double factor, double low, double high, double positions) implements Scaling {
    @Override
    public double of(double frequency) {
      double turns = positions * frequency / (2 * Math.PI);
      double kept = Math.max(0, Math.min(1, (turns - low) / (high - low)));
      return kept * frequency + (1 - kept) * frequency / factor;
    }
  }

  static RotaryPositions plain(double theta) {
    return new RotaryPositions(theta, new Unscaled());
  }

  /** The frequencies of the d/2 pairs of a head. */
  double[] frequencies(int headSize) {
    double[] frequencies = new double[headSize / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = scaling.of(Math.pow(theta, -2.0 * i / headSize));
    }
    return frequencies;
  }

  /** Reads what {@code transformers} has under rope_scaling, or, newer, under rope_parameters. */
  static RotaryPositions read(ConfigReader config) {
    JsonNode parameters = config.at("rope_parameters");
    JsonNode scaling = parameters.isObject() ? parameters : config.at("rope_scaling");
    double theta = parameters.path("rope_theta").asDouble(config.number("rope_theta", 10_000));
    String type = scaling.path("rope_type").asText(scaling.path("type").asText("default"));
    double factor = scaling.path("factor").asDouble(1);
    return switch (type) {
      case "default" -> plain(theta);
      case "linear" -> new RotaryPositions(theta, new Linear(factor));
      case "llama3" ->
          new RotaryPositions(
              theta,
              new Llama3(
                  factor,
                  scaling.path("low_freq_factor").asDouble(),
                  scaling.path("high_freq_factor").asDouble(),
                  scaling.path("original_max_position_embeddings").asDouble()));
      default -> {
        config.refuse(parameters.isObject() ? "rope_parameters" : "rope_scaling", true);
        throw new IllegalStateException(type);
      }
    };
  }

  void write(ObjectNode json) {
    json.put("rope_theta", theta);
    if (scaling instanceof Linear linear) {
      json.putObject("rope_scaling").put("rope_type", "linear").put("factor", linear.factor());
    } else if (scaling instanceof Llama3 llama) {
      json.putObject("rope_scaling")
          .put("rope_type", "llama3")
          .put("factor", llama.factor())
          .put("low_freq_factor", llama.low())
          .put("high_freq_factor", llama.high())
          .put("original_max_position_embeddings", (long) llama.positions());
    } else {
      json.putNull("rope_scaling");
    }
  }
}
