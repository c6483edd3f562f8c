package io.recant.core.label;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.optim.InitialGuess;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.PointValuePair;
import org.apache.commons.math3.optim.SimpleValueChecker;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.nonlinear.scalar.ObjectiveFunction;
import org.apache.commons.math3.optim.nonlinear.scalar.noderiv.NelderMeadSimplex;
import org.apache.commons.math3.optim.nonlinear.scalar.noderiv.SimplexOptimizer;

/**
 * {@link ConfusableNoise} fitted to given labels by maximum likelihood: the four numbers by Nelder
 * and Mead's simplex (1965), in turn with the confusions, each
 *
 * <pre>A_kg &lt;- c_g (errors k to g seen + 2) / (errors k to g expected of A_kg = c_g + 2)</pre>
 *
 * <p>where "seen" is by the posterior of each row, c_g is the same ratio summed over k, and the 2
 * is a gamma prior: confusions nobody has seen stay at what the probabilities say. Beyond {@value
 * #MOST_CLASSES} classes all confusions stay there: there would be more of them than errors.
 *
 * @param noise the parameters
 * @param evidence twice the gain in log-likelihood over the best fit with slope 0, both with the
 *     confusions of the latter (where there are many classes, confusions outnumber errors: free to
 *     differ, they would fit what is not there): chi-squared with one degree of freedom where
 *     errors do not depend on doubt
 */
public record ConfusableNoiseFit(ConfusableNoise noise, double evidence, int rows) {

  private static final double PRIOR = 2;
  private static final int MOST_CLASSES = 200;

  /** Values (rows times classes) from which the evidence is taken; the fit is of all rows. */
  private static final int EVIDENCE_VALUES = 100_000;

  private static final int LEAST_ROWS = 1000;
  private static final int CHUNK = 512;
  private static final int UPDATES = 3;
  private static final int[] FIRST = {150, 60, 40};
  private static final int[] REFINED = {60, 40};

  /** One round: the numbers alone, the confusions stay. */
  private static final int[] POINT = {150};

  private static final double[] START = {0.6, -0.3, -1.2, 0.2};

  /**
   * A row to learn from.
   *
   * @param given index of the given class
   * @param p out-of-sample probabilities, of at least two classes
   */
  public record Label(int given, double[] p) {}

  /** Fits rows in an order that says nothing; the same rows in the same order give the same fit. */
  public static ConfusableNoiseFit of(List<Label> rows) {
    int classes = rows.get(0).p().length;
    int few = Math.min(rows.size(), Math.max(LEAST_ROWS, EVIDENCE_VALUES / classes));
    Likelihood some = new Likelihood(rows.subList(0, few), classes);
    ConfusableNoise even = ConfusableNoise.alike(1, 1, -3, 0, classes);
    ConfusableNoise first = some.best(even, flat(START), FIRST);
    // The likelihood has several tops: each fit is tried from where the other one ended as well, or
    // one that is stuck on a lower top would look like evidence.
    ConfusableNoise free =
        some.better(some.best(first, START, POINT), some.best(first, point(first), POINT));
    ConfusableNoise flat = some.better(first, some.best(first, flat(point(free)), POINT));
    double evidence = Math.max(0, 2 * (some.loss(flat) - some.loss(free)));
    ConfusableNoise confused = some.best(even, START, FIRST);
    ConfusableNoise noise =
        few == rows.size()
            ? confused
            : new Likelihood(rows, classes).best(confused, point(confused), REFINED);
    return new ConfusableNoiseFit(noise, evidence, few);
  }

  /**
   * Whether errors are more frequent where the model is in doubt: a slope above 0 that is worth a
   * parameter more (Schwarz 1978), evidence above log rows.
   */
  public boolean growsWithDoubt() {
    return noise.slope() > 0 && evidence > Math.log(rows);
  }

  private static double[] flat(double[] point) {
    return Arrays.copyOf(point, point.length - 1);
  }

  private static double[] point(ConfusableNoise noise) {
    return new double[] {
      Math.log(noise.sharpness()), Math.log(noise.spread()), noise.base(), noise.slope()
    };
  }

  private static ConfusableNoise at(double[] point, double[][] confusions) {
    return new ConfusableNoise(
        Math.exp(between(-2, point[0], 2.5)),
        Math.exp(between(-4, point[1], 2)),
        between(-15, point[2], 15),
        point.length > START.length - 1 ? between(-5, point[3], 5) : 0,
        confusions);
  }

  private static double between(double least, double x, double most) {
    return Math.max(least, Math.min(most, x));
  }

  /** The likelihood of some rows' labels. */
  private static final class Likelihood {

    private final int[] given;
    private final double[][] logs;
    private final int classes;

    Likelihood(List<Label> rows, int classes) {
      given = rows.stream().mapToInt(Label::given).toArray();
      logs = rows.stream().map(row -> ConfusableNoise.logs(row.p())).toArray(double[][]::new);
      this.classes = classes;
    }

    /** The best fit from a start, as many rounds as there are numbers of iterations. */
    ConfusableNoise best(ConfusableNoise before, double[] start, int[] iterations) {
      ConfusableNoise now = before;
      double[] point = start;
      for (int round = 0; round < iterations.length; round++) {
        for (int i = 0; i < UPDATES && round > 0 && classes <= MOST_CLASSES; i++) {
          now = confused(now);
        }
        double[][] confusions = now.confusions();
        PointValuePair found =
            new SimplexOptimizer(new SimpleValueChecker(-1, 1e-6 * given.length, iterations[round]))
                .optimize(
                    MaxEval.unlimited(),
                    new ObjectiveFunction(x -> loss(at(x, confusions))),
                    GoalType.MINIMIZE,
                    new InitialGuess(point),
                    new NelderMeadSimplex(start.length, round == 0 ? 0.3 : 0.1));
        point = found.getPoint();
        now = at(point, confusions);
      }
      return now;
    }

    ConfusableNoise better(ConfusableNoise a, ConfusableNoise b) {
      return loss(a) <= loss(b) ? a : b;
    }

    /** The negative log-likelihood. */
    double loss(ConfusableNoise noise) {
      double[] losses =
          IntStream.range(0, (given.length + CHUNK - 1) / CHUNK)
              .parallel()
              .mapToDouble(chunk -> loss(noise, chunk))
              .toArray();
      double sum = 0;
      for (double loss : losses) {
        sum += loss;
      }
      return sum;
    }

    private double loss(ConfusableNoise noise, int chunk) {
      ConfusableNoise.Terms terms = new ConfusableNoise.Terms(classes);
      double sum = 0;
      for (int i = chunk * CHUNK; i < Math.min(given.length, (chunk + 1) * CHUNK); i++) {
        terms.set(noise, logs[i]);
        sum -= Math.log(Math.max(1e-12, terms.right(given[i]) + terms.wrong(given[i])));
      }
      return sum;
    }

    /** The noise with its confusions moved towards those seen. */
    private ConfusableNoise confused(ConfusableNoise noise) {
      double[][] seen = new double[classes][classes];
      double[][] expected = new double[classes][classes];
      ConfusableNoise.Terms terms = new ConfusableNoise.Terms(classes);
      for (int i = 0; i < given.length; i++) {
        terms.set(noise, logs[i]);
        double all = Math.max(1e-12, terms.right(given[i]) + terms.wrong(given[i]));
        for (int k = 0; k < classes; k++) {
          seen[k][given[i]] += terms.wrong(k, given[i]) / all;
          for (int g = 0; g < classes; g++) {
            expected[k][g] += terms.wrong(k, g);
          }
        }
      }
      return new ConfusableNoise(
          noise.sharpness(),
          noise.spread(),
          noise.base(),
          noise.slope(),
          ratios(noise.confusions(), seen, expected));
    }

    private double[][] ratios(double[][] before, double[][] seen, double[][] expected) {
      double[][] confusions = new double[classes][classes];
      for (int g = 0; g < classes; g++) {
        double asGiven = 1;
        double unconfused = 0;
        for (int k = 0; k < classes; k++) {
          asGiven += seen[k][g];
          unconfused +=
              k == g ? 0 : expected[k][g] / Math.max(ConfusableNoise.SMALLEST, before[k][g]);
        }
        double common = asGiven / (unconfused + 1);
        for (int k = 0; k < classes; k++) {
          double alike = common * expected[k][g] / Math.max(ConfusableNoise.SMALLEST, before[k][g]);
          confusions[k][g] = k == g ? 0 : common * (seen[k][g] + PRIOR) / (alike + PRIOR);
        }
      }
      for (double[] row : confusions) {
        double sum = 0;
        for (double x : row) {
          sum += x;
        }
        for (int g = 0; g < classes && sum > 0; g++) {
          row[g] *= (classes - 1) / sum;
        }
      }
      return confusions;
    }
  }
}
