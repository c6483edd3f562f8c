package io.recant.jobs.bench;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;

/** How time grows with size. */
final class Growth {

  private Growth() {}

  /**
   * The exponent e of seconds = c size^e: the least-squares slope of log seconds over log size.
   *
   * @param sizesAndSeconds pairs of a size and seconds, both positive
   * @return null of fewer than two different sizes
   */
  static Double exponent(List<double[]> sizesAndSeconds) {
    double x = sizesAndSeconds.stream().mapToDouble(p -> Math.log(p[0])).average().orElse(0);
    double y = sizesAndSeconds.stream().mapToDouble(p -> Math.log(p[1])).average().orElse(0);
    double across = 0;
    double along = 0;
    for (double[] point : sizesAndSeconds) {
      double dx = Math.log(point[0]) - x;
      across += dx * (Math.log(point[1]) - y);
      along += dx * dx;
    }
    return along > 0 ? across / along : null;
  }

  /**
   * The exponent of what was measured before and now.
   *
   * @param before rows with the size (a long) and the seconds (a double) in these columns
   */
  static Double soFar(List<Row> before, int size, int time, long newest, double seconds) {
    List<double[]> points = new ArrayList<>();
    before.forEach(row -> points.add(new double[] {row.getLong(size), row.getDouble(time)}));
    points.add(new double[] {newest, seconds});
    return exponent(points);
  }
}
