package io.recant.core.stats;

import java.util.ArrayList;
import java.util.List;

/**
 * The non-decreasing step function closest to weighted values in least squares, by pooling adjacent
 * violators (Ayer et al., Annals of Mathematical Statistics 1955). For shares weighted with their
 * counts it is the maximum-likelihood fit as well. Linear in the number of values.
 */
public final class IsotonicFit {

  private IsotonicFit() {}

  /**
   * A run of positions that share one fitted value.
   *
   * @param from first position
   * @param to the position after the last
   * @param value their weighted mean; larger than that of the block before
   * @param weight the sum of their weights
   */
  public record Block(int from, int to, double value, double weight) {}

  /**
   * Fits values in the order given.
   *
   * @param values the values
   * @param weights one positive weight per value
   * @return the blocks in order, values strictly increasing
   */
  public static List<Block> blocks(double[] values, double[] weights) {
    if (values.length != weights.length) {
      throw new IllegalArgumentException(
          values.length + " values cannot have " + weights.length + " weights");
    }
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      Block block = new Block(i, i + 1, values[i], weights[i]);
      while (!blocks.isEmpty() && blocks.get(blocks.size() - 1).value() >= block.value()) {
        block = pooled(blocks.remove(blocks.size() - 1), block);
      }
      blocks.add(block);
    }
    return blocks;
  }

  private static Block pooled(Block a, Block b) {
    double weight = a.weight() + b.weight();
    return new Block(
        a.from(), b.to(), (a.value() * a.weight() + b.value() * b.weight()) / weight, weight);
  }
}
