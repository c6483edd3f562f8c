package io.recant.core.clue;

import io.recant.core.decision.TiltedMixture;
import io.recant.core.stats.LogisticRegression;
import io.recant.core.stats.Ranking;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Finds rows like the known bad ones: learning from positive and unlabelled rows. A logistic
 * regression tells known rows from the rest by {@link ClueFeatures}; its margins, of rows it did
 * not learn, are a mixture ({@link TiltedMixture}) of rows like the known ones and of others; which
 * gives each row a probability of being one. With those as soft labels the regression is fitted
 * again, in rounds, until they no longer move: the rest of what was known in part stops counting as
 * good.
 *
 * <p>Every row, known or not, is scored by a model that did not learn it, so that a known row's
 * score is what it would be had nobody known: known rows are canaries for the rest.
 *
 * <p>Sources: Elkan and Noto, KDD 2008 (positive and unlabelled rows); Jaskie and Spanias, 2019
 * (the mixture); the rounds are ours.
 */
public final class ClueModel implements Serializable {

  /** Rows are dealt into so many folds. */
  public static final int FOLDS = 5;

  private static final long serialVersionUID = 1L;
  private static final int MOST_ROUNDS = 6;
  private static final double[] RIDGES = {0.1, 0.03, 0.01, 0.003};
  private static final double MIXTURE_RIDGE = 1e-4;

  /** Rounds end when less than this part of what was found moves. */
  private static final double SETTLED = 0.02;

  private final List<ClueFeatures> features;
  private final List<double[]> weights;
  private final double[] intercepts;
  private final List<double[]> usual;
  private final TiltedMixtureAt mixture;
  private final int rounds;
  private final double averagePrecision;

  /** What of a mixture is asked for later; unlike it, it travels. */
  private record TiltedMixtureAt(double share, double intercept, double weight)
      implements Serializable {

    static TiltedMixtureAt of(TiltedMixture mixture) {
      return new TiltedMixtureAt(mixture.share(), mixture.intercept(), mixture.weights()[0]);
    }

    double posterior(double margin) {
      return new TiltedMixture(share, intercept, new double[] {weight}).posterior(margin);
    }
  }

  private ClueModel(List<Fold> folds, TiltedMixture mixture, int rounds, double averagePrecision) {
    features = folds.stream().map(Fold::features).toList();
    weights = folds.stream().map(fold -> fold.regression().weights()).toList();
    intercepts = folds.stream().mapToDouble(fold -> fold.regression().intercept()).toArray();
    usual = folds.stream().map(Fold::usual).toList();
    this.mixture = TiltedMixtureAt.of(mixture);
    this.rounds = rounds;
    this.averagePrecision = averagePrecision;
  }

  /**
   * What was learned from all folds but one.
   *
   * @param usual the features of a good row, on average
   */
  private record Fold(ClueFeatures features, LogisticRegression regression, double[] usual) {}

  /**
   * Learns.
   *
   * @param rows known ones and a sample of the others, in an order that does not depend on how rows
   *     are stored; known ones in at least two folds, and others too
   * @param seed of where the search for principal components begins
   */
  public static ClueModel of(List<ClueRow> rows, long seed) {
    return new Rounds(rows, ClueFeatures.VectorSpace.of(rows, seed)).settled();
  }

  /** The probability that a row is one like the known ones, in [0, 1]. */
  public double score(ClueRow row) {
    return mixture.posterior(margin(row, features.get(row.fold()).of(row)));
  }

  private double margin(ClueRow row, double[] x) {
    double margin = intercepts[row.fold()];
    double[] own = weights.get(row.fold());
    for (int j = 0; j < own.length; j++) {
      margin += own[j] * x[j];
    }
    return margin;
  }

  /** How many rounds it took. */
  public int rounds() {
    return rounds;
  }

  /**
   * How well known rows are told from the others, in [0, 1]: the average precision where others
   * count as good. What hides among the others lowers it.
   */
  public double averagePrecision() {
    return averagePrecision;
  }

  /** The estimated share of rows like the known ones among the others. */
  public double share() {
    return mixture.share();
  }

  /**
   * What speaks for a row being one like the known ones, beside a usual good row; the strongest
   * first.
   */
  public List<Ground> grounds(ClueRow row) {
    ClueFeatures own = features.get(row.fold());
    double[] x = own.of(row);
    double[] w = weights.get(row.fold());
    double[] good = usual.get(row.fold());
    double[] byKind = new double[ClueFeatures.Kind.values().length];
    List<Ground> grounds = new ArrayList<>();
    for (int j = 0; j < x.length; j++) {
      if (own.kind(j) == ClueFeatures.Kind.WORD) {
        if (x[j] > 0) {
          grounds.add(new Ground(ClueFeatures.Kind.WORD, own.word(j), w[j] * (x[j] - good[j])));
        }
      } else {
        byKind[own.kind(j).ordinal()] += w[j] * (x[j] - good[j]);
      }
    }
    for (ClueFeatures.Kind kind : ClueFeatures.Kind.values()) {
      if (kind != ClueFeatures.Kind.WORD) {
        grounds.add(new Ground(kind, null, byKind[kind.ordinal()]));
      }
    }
    return grounds.stream()
        .filter(ground -> ground.weight() > 0)
        .sorted(Comparator.comparingDouble(ground -> -ground.weight()))
        .toList();
  }

  /**
   * A reason.
   *
   * @param kind what it is about
   * @param word the word it is about; null for other kinds
   * @param weight what it adds to the log-odds
   */
  public record Ground(ClueFeatures.Kind kind, String word, double weight) {}

  /** The fitting. */
  private static final class Rounds {

    private final List<ClueRow> rows;
    private final ClueFeatures.VectorSpace space;
    private final List<double[]> places;
    private final double[] known;
    private final double[] others;

    Rounds(List<ClueRow> rows, ClueFeatures.VectorSpace space) {
      this.rows = rows;
      this.space = space;
      places = rows.stream().map(space::of).toList();
      known = rows.stream().mapToDouble(row -> row.known() ? 1 : 0).toArray();
      others = rows.stream().mapToDouble(row -> row.known() ? 0 : 1).toArray();
    }

    ClueModel settled() {
      double[] bad = known.clone();
      double ridge = bestRidge(bad);
      for (int round = 1; ; round++) {
        List<Fold> folds = folds(bad, ridge);
        double[] margins = margins(folds);
        TiltedMixture mixture = mixture(margins);
        double moved = 0;
        double found = 0;
        for (int i = 0; i < bad.length; i++) {
          double next = rows.get(i).known() ? 1 : mixture.posterior(margins[i]);
          moved += Math.abs(next - bad[i]);
          found += next;
          bad[i] = next;
        }
        if (moved <= SETTLED * found || round == MOST_ROUNDS) {
          return new ClueModel(folds, mixture, round, averagePrecision(margins));
        }
      }
    }

    /** The penalty under which known rows that were not learned rank highest. */
    private double bestRidge(double[] bad) {
      double best = RIDGES[0];
      double reached = -1;
      for (double ridge : RIDGES) {
        double precision = averagePrecision(margins(folds(bad, ridge)));
        if (precision > reached) {
          best = ridge;
          reached = precision;
        }
      }
      return best;
    }

    private List<Fold> folds(double[] bad, double ridge) {
      return IntStream.range(0, FOLDS).parallel().mapToObj(k -> fold(k, bad, ridge)).toList();
    }

    /** What is learned from the rows of all folds but one. */
    private Fold fold(int fold, double[] bad, double ridge) {
      int[] learned =
          IntStream.range(0, rows.size()).filter(i -> rows.get(i).fold() != fold).toArray();
      List<ClueRow> own = Arrays.stream(learned).mapToObj(rows::get).toList();
      double[] positive = Arrays.stream(learned).mapToDouble(i -> bad[i]).toArray();
      ClueFeatures features = ClueFeatures.of(space, own, positive);
      double allPositive = Arrays.stream(positive).sum();
      // Both kinds count as much: the margin is then the log of the ratio of their densities.
      double each = allPositive / (own.size() - allPositive);
      double[] negative = Arrays.stream(positive).map(p -> each * (1 - p)).toArray();
      double[][] x =
          Arrays.stream(learned)
              .mapToObj(i -> features.of(rows.get(i), places.get(i)))
              .toArray(double[][]::new);
      return new Fold(
          features,
          LogisticRegression.fit(x, positive, negative, ridge),
          mean(x, negative, features.size()));
    }

    private static double[] mean(double[][] x, double[] weights, int size) {
      double[] mean = new double[size];
      double all = Arrays.stream(weights).sum();
      for (int i = 0; i < x.length; i++) {
        for (int j = 0; j < size; j++) {
          mean[j] += weights[i] * x[i][j] / all;
        }
      }
      return mean;
    }

    private double[] margins(List<Fold> folds) {
      return IntStream.range(0, rows.size())
          .mapToDouble(
              i -> {
                Fold own = folds.get(rows.get(i).fold());
                return own.regression().margin(own.features().of(rows.get(i), places.get(i)));
              })
          .toArray();
    }

    private TiltedMixture mixture(double[] margins) {
      double[][] x =
          Arrays.stream(margins).mapToObj(m -> new double[] {m}).toArray(double[][]::new);
      return TiltedMixture.fit(new TiltedMixture.Rows(x, known, others), 1, MIXTURE_RIDGE);
    }

    private double averagePrecision(double[] margins) {
      boolean[] isKnown = new boolean[margins.length];
      for (int i = 0; i < isKnown.length; i++) {
        isKnown[i] = rows.get(i).known();
      }
      return Ranking.of(margins, isKnown).averagePrecision();
    }
  }
}
