package io.recant.jobs.bench;

import java.util.List;

/** How the time for a piece of work grows with its size. */
final class Growth {

  private Growth() {}

  /**
   * The exponent b of {@code seconds = a * size^b}: the least-squares slope of log seconds over log
   * size.
   *
   * @param sizesAndSeconds points of two positive numbers each
   * @return null where there are not two different sizes
   */
  static Double exponent(List<double[]> sizesAndSeconds) {
    double x = sizesAndSeconds.stream().mapToDouble(p -> Math.log(p[0])).average().orElse(0);
    double y = sizesAndSeconds.stream().mapToDouble(p -> Math.log(p[1])).average().orElse(0);
    double across = 0;
    double along = 0;
    for (double[] point : sizesAndSeconds) {
      double distance = Math.log(point[0]) - x;
      across += distance * (Math.log(point[1]) - y);
      along += distance * distance;
    }
    return along > 1e-12 ? across / along : null;
  }
}
