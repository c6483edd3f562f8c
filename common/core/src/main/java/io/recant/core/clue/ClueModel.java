package io.recant.core.clue;

import io.recant.core.decision.TiltedMixture;
import io.recant.core.label.ConfusedClasses;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Finds rows like the known bad ones: learning from positive and unlabelled rows. A logistic
 * regression tells known rows from the rest by {@link ClueFeatures}; its margins, of rows it did
 * not learn, are a mixture ({@link TiltedMixture}) of rows like the known ones and of others; which
 * gives each row a probability of being one. With those as soft labels the regression is fitted
 * again, in rounds, until they no longer move: the rest of what was known in part stops counting as
 * good. Rounds may also lead away, and good rows come to count as bad: so forms of the regression,
 * and rounds, count by how likely it is under their mixture that of all rows just these are known.
 * Nothing else can be asked of rows whose state nobody knows: how high known rows rank tells little
 * where as many like them hide among the others. All that are about as likely as the likeliest take
 * part, by the mean of their margins. A few dozen known rows hardly tell them apart, and the one
 * that happens to do best on just these would score them higher than it does others of their kind.
 *
 * <p>Where two classes were confused with each other ({@link ConfusedClasses}) the known rows show
 * good ones as well: given their right class they are some. These are learned as good, and the
 * posterior of rows given such a class is that of a {@link LabelledMixture}; of confused classes
 * more than half may be bad, which no mixture of bad rows and unknown ones can tell.
 *
 * <p>Known rows are canaries for the rest, so they are scored as if nobody knew them. They are
 * dealt into {@value #PARTS} parts; all rounds are gone through once for each part, with its known
 * rows among the others, and its rows, known or not, are scored by that. (Leaving a row out of the
 * last fit alone would not do: it has had its say in the labels of the rows like it.) Within each,
 * rows are scored by a regression that did not learn them.
 *
 * <p>Sources: Elkan and Noto, KDD 2008 (positive and unlabelled rows); Jaskie and Spanias, 2019
 * (the mixture); the rounds are ours.
 */
public final class ClueModel implements Serializable {

  static final int PARTS = 5;
  static final int FITS = 3;

  /** Rows are dealt into so many folds, by a hash. */
  public static final int FOLDS = PARTS * FITS;

  private static final long serialVersionUID = 1L;
  private static final double MIXTURE_RIDGE = 1e-4;

  private final ClueFits fits;
  private final Posterior posterior;
  private final double share;
  private final int rounds;
  private final double averagePrecision;

  ClueModel(ClueFits fits, Posterior posterior, double share, int rounds, double averagePrecision) {
    this.fits = fits;
    this.posterior = posterior;
    this.share = share;
    this.rounds = rounds;
    this.averagePrecision = averagePrecision;
  }

  /**
   * A mixture over margins; unlike the general one it travels.
   *
   * @param logLikelihood of which rows are known
   */
  record MarginMixture(double share, double intercept, double weight, double logLikelihood)
      implements Serializable {

    static MarginMixture of(double[] margins, double[] known, double[] others) {
      double[][] x =
          Arrays.stream(margins).mapToObj(m -> new double[] {m}).toArray(double[][]::new);
      TiltedMixture.Rows rows = new TiltedMixture.Rows(x, known, others);
      TiltedMixture mixture = TiltedMixture.fit(rows, 1, MIXTURE_RIDGE);
      return new MarginMixture(
          mixture.share(), mixture.intercept(), mixture.weights()[0], mixture.logLikelihood(rows));
    }

    double posterior(double margin) {
      return new TiltedMixture(share, intercept, new double[] {weight}).posterior(margin);
    }
  }

  /**
   * The probability that a row is one like the known ones, by its margin.
   *
   * @param everywhere of rows of which only bad ones are at hand
   * @param between of rows given one of the confused classes, of which corrected known rows are
   *     good ones; null where there are no such rows
   */
  record Posterior(
      MarginMixture everywhere, ConfusedClasses<Integer> confused, LabelledMixture between)
      implements Serializable {

    double of(ClueRow row, double margin) {
      return between != null && confused.contains(row.given())
          ? between.posterior(margin)
          : everywhere.posterior(margin);
    }
  }

  /**
   * Learns.
   *
   * @param rows known ones and a sample of the others, in an order that does not depend on how rows
   *     are stored; known ones in at least two folds, and others too
   * @param seed of where the search for principal components begins
   */
  public static ClueModel of(List<ClueRow> rows, long seed) {
    return new ClueLearning(rows, VectorSpace.of(rows, seed)).model();
  }

  /** The probability that a row is one like the known ones, in [0, 1]. */
  public double score(ClueRow row) {
    return posterior.of(row, fits.of(row).margin(row));
  }

  /**
   * The class that a row should have been given, if it is one like the known ones: the one its own
   * was confused with, or else the likeliest but for its own; -1 where nothing is predicted.
   */
  public int right(ClueRow row) {
    return posterior.confused().other().getOrDefault(row.given(), row.rival());
  }

  /** Whether a row is given one of the classes that are told by bad rows and good ones. */
  public boolean isConfused(ClueRow row) {
    return posterior.between() != null && posterior.confused().contains(row.given());
  }

  static int part(ClueRow row) {
    return row.fold() % PARTS;
  }

  static int inner(ClueRow row) {
    return row.fold() / PARTS;
  }

  /** The last round that counts. */
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
    return share;
  }

  /**
   * What speaks for a row being one like the known ones, beside a usual good row; the strongest
   * first.
   */
  public List<Ground> grounds(ClueRow row) {
    ClueFits.Fit fit = fits.of(row);
    double[] place = fit.space().of(row);
    double[] byKind = new double[ClueFeatures.Kind.values().length];
    Map<String, Double> byWord = new TreeMap<>();
    for (ClueFits.Regression form : fit.forms()) {
      double[] x = form.seen(row, place);
      for (int j = 0; j < x.length; j++) {
        ClueFeatures.Kind kind = form.features().kind(j);
        double weight = form.weights()[j] * (x[j] - form.usual()[j]) / fit.forms().size();
        if (kind != ClueFeatures.Kind.WORD) {
          byKind[kind.ordinal()] += weight;
        } else if (x[j] > 0) {
          byWord.merge(form.features().word(j), weight, Double::sum);
        }
      }
    }
    List<Ground> grounds = new ArrayList<>();
    byWord.forEach((word, weight) -> grounds.add(new Ground(ClueFeatures.Kind.WORD, word, weight)));
    for (ClueFeatures.Kind kind : ClueFeatures.Kind.values()) {
      grounds.add(new Ground(kind, null, byKind[kind.ordinal()]));
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
}
