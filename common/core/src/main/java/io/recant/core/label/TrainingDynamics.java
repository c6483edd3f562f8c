package io.recant.core.label;

import java.io.Serializable;

/**
 * How models took a label while they trained on it.
 *
 * @param areaUnderMargin mean over epochs of z_y - max_{k != y} z_k, z the logits, y the label
 *     (Pleiss et al., NeurIPS 2020)
 * @param confidence mean over epochs of p_y, in [0, 1] (data maps: Swayamdipta et al., EMNLP 2020)
 * @param variability standard deviation over epochs of p_y, in [0, 0.5]
 * @param forgettings epochs after which the label led no more although it did an epoch before
 *     (Toneva et al., ICLR 2019)
 * @param epochs how many
 */
public record TrainingDynamics(
    double areaUnderMargin, double confidence, double variability, int forgettings, int epochs)
    implements Serializable {

  /**
   * From what was recorded after each epoch.
   *
   * @param probability p_y
   * @param margin the label's logit minus the largest other one, as many
   */
  public static TrainingDynamics of(float[] probability, float[] margin) {
    int epochs = probability.length;
    if (epochs == 0 || margin.length != epochs) {
      throw new IllegalArgumentException(
          epochs + " probabilities and " + margin.length + " margins");
    }
    double area = 0;
    double mean = 0;
    double square = 0;
    int forgettings = 0;
    for (int e = 0; e < epochs; e++) {
      area += margin[e] / epochs;
      mean += (double) probability[e] / epochs;
      forgettings += e > 0 && margin[e - 1] > 0 && margin[e] <= 0 ? 1 : 0;
    }
    for (float p : probability) {
      square += (p - mean) * (p - mean) / epochs;
    }
    return new TrainingDynamics(area, mean, Math.sqrt(square), forgettings, epochs);
  }

  /**
   * 1 / (1 + exp(area under the margin)): in [0, 1], 1 is bad; 0.5 where another class led as much
   * as the label. NaN where the area is, as with one class only.
   */
  public double marginLost() {
    return 1 / (1 + Math.exp(areaUnderMargin));
  }

  /**
   * (1 - confidence)(1 - 2 variability): in [0, 1], 1 is bad. High where the label stayed
   * improbable, the hard-to-learn region of a data map; lower where p_y went up and down, the
   * ambiguous one.
   */
  public double hardToLearn() {
    return (1 - confidence) * Math.max(0, 1 - 2 * variability);
  }
}
