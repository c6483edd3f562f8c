package io.recant.core.clue;

import java.util.Comparator;
import java.util.List;

/**
 * One of several explanations of the same rows.
 *
 * @param explanation what may be behind them
 * @param logLikelihood of the rows under it
 */
record Likely<T>(T explanation, double logLikelihood) {

  /** A log-likelihood that far below the highest is still supported (Edwards, Likelihood, 1972). */
  private static final double SUPPORT = 2;

  /** Those that are about as likely as the likeliest, from there on; at least one of some. */
  static <T> List<T> supported(List<Likely<T>> some) {
    double top =
        some.stream().mapToDouble(Likely::logLikelihood).max().orElse(Double.NEGATIVE_INFINITY);
    return some.stream()
        .filter(likely -> likely.logLikelihood() >= top - SUPPORT)
        .sorted(Comparator.comparingDouble(likely -> -likely.logLikelihood()))
        .map(Likely::explanation)
        .toList();
  }
}
