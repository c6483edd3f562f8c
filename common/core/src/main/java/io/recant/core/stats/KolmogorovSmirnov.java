package io.recant.core.stats;

import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;
import org.apache.commons.statistics.inference.PValueMethod;

/** Whether two samples may come from one distribution (Kolmogorov 1933, Smirnov 1948). */
public final class KolmogorovSmirnov {

  private KolmogorovSmirnov() {}

  /**
   * The probability that two samples of one continuous distribution are as far apart as these, or
   * farther, in the largest distance of their distribution functions: exact, not the limit for
   * large samples, which is wrong by more than a factor of two at 300 values each.
   *
   * @param first at least two numbers
   * @param second at least two numbers
   * @return in [0, 1]; near 1 where the samples are alike
   */
  public static double pValue(double[] first, double[] second) {
    return KolmogorovSmirnovTest.withDefaults()
        .with(PValueMethod.EXACT)
        .test(first, second)
        .getPValue();
  }
}
