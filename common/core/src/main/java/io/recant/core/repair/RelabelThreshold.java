package io.recant.core.repair;

import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/**
 * From which probability on suggestions replace the given target: as many as keep a wanted
 * precision, which is expected to be the mean of their probabilities.
 */
public final class RelabelThreshold {

  private RelabelThreshold() {}

  /**
   * Suggestions of one probability.
   *
   * @param p the probability that they are right
   * @param rows how many
   */
  public record Cell(double p, long rows) {}

  /**
   * The lowest probability such that the mean of those at least as high is at least the wanted one;
   * empty where even the highest is lower.
   */
  public static OptionalDouble of(List<Cell> cells, double wanted) {
    OptionalDouble threshold = OptionalDouble.empty();
    double right = 0;
    double rows = 0;
    for (Cell cell :
        cells.stream().sorted(Comparator.comparingDouble((Cell c) -> -c.p())).toList()) {
      right += cell.p() * cell.rows();
      rows += cell.rows();
      if (right < wanted * rows) {
        break;
      }
      threshold = OptionalDouble.of(cell.p());
    }
    return threshold;
  }
}
