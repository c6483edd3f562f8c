package io.recant.jobs.bench;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;

/** How seconds grow with size: the least-squares slope of log seconds over log size. */
final class GrowthExponent {

  private GrowthExponent() {}

  /**
   * The slope so far; null of one size.
   *
   * @param before earlier measurements, with size (a long) and seconds (a double) in these columns
   */
  static Double of(List<Row> before, int size, int time, long newest, double seconds) {
    List<double[]> points = new ArrayList<>();
    before.forEach(
        row ->
            points.add(new double[] {Math.log(row.getLong(size)), Math.log(row.getDouble(time))}));
    points.add(new double[] {Math.log(newest), Math.log(seconds)});
    if (points.size() == 1) {
      return null;
    }
    double x = points.stream().mapToDouble(p -> p[0]).average().orElseThrow();
    double y = points.stream().mapToDouble(p -> p[1]).average().orElseThrow();
    double across = points.stream().mapToDouble(p -> (p[0] - x) * (p[1] - y)).sum();
    return across / points.stream().mapToDouble(p -> (p[0] - x) * (p[0] - x)).sum();
  }
}
