package io.recant.jobs.report;

/**
 * How near a score is to that of the oracle, the model that never saw the bad rows, on a scale that
 * is the same for every measure:
 *
 * <pre>
 *   closeness = 1 - d(value, oracle) / max(|untouched - oracle|, tolerance), at least -1
 *   tolerance = max(half the 95 % interval of the score, 0.02 max(|oracle|, |untouched|))
 * </pre>
 *
 * <p>1 is as good as the oracle, 0 as far from it as the untouched model, below 0 farther still.
 * The distance {@code d} is one-sided where more or less of a measure is simply better ({@code
 * higher}, {@code lower}): a model that beats the oracle is not blamed for it. For {@code oracle}
 * it is the absolute difference. The tolerance keeps a measure that unlearning hardly touches from
 * turning noise into colour: where untouched and oracle agree, a difference within the interval
 * costs less than one whole unit.
 */
final class Closeness {

  /** Share of a measure's size below which a gap counts as no gap. */
  private static final double SMALLEST_GAP = 0.02;

  private Closeness() {}

  /**
   * The closeness in [-1, 1], or null when a value, oracle or untouched score is missing or not
   * finite, or all are zero.
   *
   * @param direction {@code higher}, {@code lower} or {@code oracle}; anything else reads as oracle
   * @param halfInterval half the width of the score's 95 % interval; null counts as 0
   */
  static Double of(
      String direction, Double value, Double oracle, Double untouched, Double halfInterval) {
    if (!finite(value) || !finite(oracle) || !finite(untouched)) {
      return null;
    }
    double distance = distance(direction, value, oracle);
    if (distance == 0) {
      return 1.0;
    }
    double noise = finite(halfInterval) ? halfInterval : 0;
    double relative = SMALLEST_GAP * Math.max(Math.abs(oracle), Math.abs(untouched));
    double gap = Math.max(Math.abs(untouched - oracle), Math.max(noise, relative));
    return gap == 0 ? null : Math.max(-1, 1 - distance / gap);
  }

  private static double distance(String direction, double value, double oracle) {
    return switch (direction == null ? "oracle" : direction) {
      case "higher" -> Math.max(0, oracle - value);
      case "lower" -> Math.max(0, value - oracle);
      default -> Math.abs(value - oracle);
    };
  }

  private static boolean finite(Double number) {
    return number != null && Double.isFinite(number);
  }
}
