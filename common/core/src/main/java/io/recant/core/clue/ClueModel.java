package io.recant.core.clue;

import io.recant.core.decision.TiltedMixture;
import io.recant.core.stats.LogisticRegression;
import io.recant.core.stats.Ranking;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Finds rows like the known bad ones: learning from positive and unlabelled rows. A logistic
 * regression tells known rows from the rest by {@link ClueFeatures}; its margins, of rows it did
 * not learn, are a mixture ({@link TiltedMixture}) of rows like the known ones and of others; which
 * gives each row a probability of being one. With those as soft labels the regression is fitted
 * again, in rounds, until they no longer move: the rest of what was known in part stops counting as
 * good. Rounds may also lead away, and good rows come to count as bad: so the form of the
 * regression is the one under whose mixture it is likeliest that of all rows just these are known,
 * and the last round counts of those that are about as likely as the likeliest. Nothing else can be
 * asked of rows whose state nobody knows: how high known rows rank tells little where as many like
 * them hide among the others.
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

  private static final int PARTS = 5;
  private static final int FITS = 3;

  /** Rows are dealt into so many folds, by a hash. */
  public static final int FOLDS = PARTS * FITS;

  private static final long serialVersionUID = 1L;
  private static final int MOST_ROUNDS = 10;
  private static final double[] RIDGES = {0.3, 0.1, 0.03, 0.01};
  private static final double MIXTURE_RIDGE = 1e-4;

  /** A log-likelihood that far below the highest is still supported (Edwards, Likelihood, 1972). */
  private static final double SUPPORT = 2;

  /**
   * A corrected known row is good for sure, where of the others of its class many are not: it
   * counts as so many.
   */
  private static final int CORRECTED = 5;

  /** Rounds end when less than this part of what was found moves. */
  private static final double SETTLED = 0.02;

  private final List<List<Fit>> parts;
  private final Posterior posterior;
  private final double share;
  private final int rounds;
  private final double averagePrecision;

  private ClueModel(
      List<List<Fit>> parts,
      Posterior posterior,
      double share,
      int rounds,
      double averagePrecision) {
    this.parts = parts;
    this.posterior = posterior;
    this.share = share;
    this.rounds = rounds;
    this.averagePrecision = averagePrecision;
  }

  /**
   * What was learned from some rows.
   *
   * @param usual the features of a good row, on average
   */
  private record Fit(ClueFeatures features, double intercept, double[] weights, double[] usual)
      implements Serializable {

    double margin(double[] x) {
      return new LogisticRegression(intercept, weights).margin(x);
    }
  }

  /**
   * A mixture over margins; unlike the general one it travels.
   *
   * @param logLikelihood of which rows are known
   */
  private record MarginMixture(double share, double intercept, double weight, double logLikelihood)
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
  private record Posterior(
      MarginMixture everywhere, ConfusedClasses confused, LabelledMixture between)
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
    return new Learning(rows, ClueFeatures.VectorSpace.of(rows, seed)).model();
  }

  /** The probability that a row is one like the known ones, in [0, 1]. */
  public double score(ClueRow row) {
    Fit fit = fit(row);
    return posterior.of(row, fit.margin(fit.features().of(row)));
  }

  private Fit fit(ClueRow row) {
    return parts.get(part(row)).get(inner(row));
  }

  private static int part(ClueRow row) {
    return row.fold() % PARTS;
  }

  private static int inner(ClueRow row) {
    return row.fold() / PARTS;
  }

  private double logLikelihood() {
    return posterior.everywhere().logLikelihood();
  }

  /** After how many rounds the model was taken. */
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
    Fit fit = fit(row);
    double[] x = fit.features().of(row);
    double[] byKind = new double[ClueFeatures.Kind.values().length];
    List<Ground> grounds = new ArrayList<>();
    for (int j = 0; j < x.length; j++) {
      ClueFeatures.Kind kind = fit.features().kind(j);
      double weight = fit.weights()[j] * (x[j] - fit.usual()[j]);
      if (kind != ClueFeatures.Kind.WORD) {
        byKind[kind.ordinal()] += weight;
      } else if (x[j] > 0) {
        grounds.add(new Ground(kind, fit.features().word(j), weight));
      }
    }
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

  /**
   * What is chosen by cross-validation.
   *
   * @param ridge how small weights are held
   * @param choice of the features
   */
  private record Form(double ridge, ClueFeatures.Choice choice) {}

  /** The fitting. */
  private static final class Learning {

    private final List<ClueRow> rows;
    private final ClueFeatures.VectorSpace space;
    private final List<double[]> places;
    private final double[] known;
    private final double[] others;
    private final ConfusedClasses confused;

    Learning(List<ClueRow> rows, ClueFeatures.VectorSpace space) {
      this.rows = rows;
      this.space = space;
      places = rows.stream().map(space::of).toList();
      known = rows.stream().mapToDouble(row -> row.known() ? 1 : 0).toArray();
      others = rows.stream().mapToDouble(row -> row.known() ? 0 : 1).toArray();
      confused = ConfusedClasses.of(rows);
    }

    ClueModel model() {
      Form form = bestForm();
      List<Part> parts = IntStream.range(0, PARTS).mapToObj(Part::new).toList();
      List<ClueModel> rounds = new ArrayList<>();
      do {
        List<List<Fit>> fits = parts.parallelStream().map(part -> part.next(form)).toList();
        Function<ClueRow, Fit> of = row -> fits.get(part(row)).get(inner(row));
        double[] margins = margins(of);
        Posterior posterior = posterior(of, margins, known, others);
        rounds.add(
            new ClueModel(
                fits,
                posterior,
                share(posterior, margins),
                rounds.size() + 1,
                averagePrecision(margins)));
      } while (rounds.size() < MOST_ROUNDS && !parts.stream().allMatch(Part::settled));
      double top = rounds.stream().mapToDouble(ClueModel::logLikelihood).max().orElseThrow();
      return rounds.stream()
          .filter(round -> round.logLikelihood() >= top - SUPPORT)
          .reduce((earlier, later) -> later)
          .orElseThrow();
    }

    /** The rounds with the known rows of one part among the others. */
    private final class Part {

      private final double[] told;
      private final double[] untold;
      private final double[] bad;
      private List<Fit> fits;
      private boolean settled;

      Part(int part) {
        told = rows.stream().mapToDouble(r -> r.known() && part(r) != part ? 1 : 0).toArray();
        untold = Arrays.stream(told).map(t -> 1 - t).toArray();
        bad = told.clone();
      }

      boolean settled() {
        return settled;
      }

      /** Goes through one more round, while rows still move; by what the fits did not learn. */
      List<Fit> next(Form form) {
        if (settled) {
          return fits;
        }
        fits =
            IntStream.range(0, FITS)
                .mapToObj(left -> fit(row -> inner(row) != left, bad, told, form))
                .toList();
        Function<ClueRow, Fit> of = row -> fits.get(inner(row));
        double[] margins = margins(of);
        Posterior posterior = posterior(of, margins, told, untold);
        double moved = 0;
        double found = 0;
        for (int i = 0; i < bad.length; i++) {
          double next = told[i] > 0 ? 1 : posterior.of(rows.get(i), margins[i]);
          moved += Math.abs(next - bad[i]);
          found += next;
          bad[i] = next;
        }
        settled = moved <= SETTLED * found;
        return fits;
      }
    }

    /** By what was not learned of each row, and of each known one corrected. */
    private Posterior posterior(
        Function<ClueRow, Fit> of, double[] margins, double[] told, double[] untold) {
      MarginMixture everywhere = MarginMixture.of(margins, told, untold);
      List<Double> bad = new ArrayList<>();
      List<Double> good = new ArrayList<>();
      List<Double> unknown = new ArrayList<>();
      for (int i = 0; i < margins.length; i++) {
        ClueRow row = rows.get(i);
        if (confused.contains(row.given())) {
          (told[i] > 0 ? bad : unknown).add(margins[i]);
          if (told[i] > 0) {
            Fit fit = of.apply(row);
            good.add(fit.margin(fit.features().of(confused.corrected(row))));
          }
        }
      }
      boolean some = !bad.isEmpty() && !unknown.isEmpty();
      return new Posterior(
          everywhere,
          confused,
          some ? LabelledMixture.fit(numbers(bad), numbers(good), numbers(unknown)) : null);
    }

    private double share(Posterior posterior, double[] margins) {
      return IntStream.range(0, margins.length)
          .filter(i -> others[i] > 0)
          .mapToDouble(i -> posterior.of(rows.get(i), margins[i]))
          .average()
          .orElse(0);
    }

    private static double[] numbers(List<Double> list) {
      return list.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** The form with which it is likeliest that just the known rows are known. */
    private Form bestForm() {
      Form best = null;
      double reached = Double.NEGATIVE_INFINITY;
      for (boolean rivals : new boolean[] {true, false}) {
        for (boolean gradients : new boolean[] {true, false}) {
          for (double ridge : RIDGES) {
            Form form = new Form(ridge, new ClueFeatures.Choice(rivals, gradients));
            double likelihood = logLikelihood(form);
            if (likelihood > reached) {
              best = form;
              reached = likelihood;
            }
          }
        }
      }
      return best;
    }

    private double logLikelihood(Form form) {
      List<Fit> fits =
          IntStream.range(0, PARTS)
              .parallel()
              .mapToObj(part -> fit(row -> part(row) != part, known, known, form))
              .toList();
      return MarginMixture.of(margins(row -> fits.get(part(row))), known, others).logLikelihood();
    }

    /**
     * What is learned from some of the rows.
     *
     * @param told which of the known rows are known here
     */
    private Fit fit(Predicate<ClueRow> learns, double[] bad, double[] told, Form form) {
      int[] learned =
          IntStream.range(0, rows.size()).filter(i -> learns.test(rows.get(i))).toArray();
      List<ClueRow> own = new ArrayList<>();
      List<double[]> ownPlaces = new ArrayList<>();
      List<Double> ownBad = new ArrayList<>();
      for (int i : learned) {
        own.add(rows.get(i));
        ownPlaces.add(places.get(i));
        ownBad.add(bad[i]);
        if (told[i] > 0 && confused.contains(rows.get(i).given())) {
          ClueRow corrected = confused.corrected(rows.get(i));
          own.addAll(Collections.nCopies(CORRECTED, corrected));
          ownPlaces.addAll(Collections.nCopies(CORRECTED, space.of(corrected)));
          ownBad.addAll(Collections.nCopies(CORRECTED, 0.0));
        }
      }
      double[] positive = numbers(ownBad);
      ClueFeatures features = ClueFeatures.of(space, own, ownPlaces, positive, form.choice());
      double allPositive = Arrays.stream(positive).sum();
      // Both kinds count as much: the margin is then the log of the ratio of their densities.
      double each = allPositive / (own.size() - allPositive);
      double[] negative = Arrays.stream(positive).map(p -> each * (1 - p)).toArray();
      double[][] x =
          IntStream.range(0, positive.length)
              .mapToObj(i -> features.without(own.get(i), ownPlaces.get(i), positive[i]))
              .toArray(double[][]::new);
      double[] usual = mean(x, negative, features.size());
      LogisticRegression regression =
          LogisticRegression.fit(
              x, positive, negative, penalties(x, negative, usual, form.ridge()));
      return new Fit(features, regression.intercept(), regression.weights(), usual);
    }

    /**
     * By the variance among good rows: what is hardly ever so among them is free to say much. As
     * strong as the known rows are many, whatever is found beside them.
     */
    private double[] penalties(double[][] x, double[] weights, double[] usual, double ridge) {
      double[] penalties = new double[usual.length];
      double all = Arrays.stream(weights).sum();
      double knownRows = Arrays.stream(known).sum();
      for (int j = 0; j < penalties.length; j++) {
        double variance = 1.0 / x.length;
        for (int i = 0; i < x.length; i++) {
          variance += weights[i] * (x[i][j] - usual[j]) * (x[i][j] - usual[j]) / all;
        }
        penalties[j] = ridge * 2 * knownRows * variance;
      }
      return penalties;
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

    private double[] margins(Function<ClueRow, Fit> of) {
      return IntStream.range(0, rows.size())
          .mapToDouble(
              i -> {
                Fit own = of.apply(rows.get(i));
                return own.margin(own.features().of(rows.get(i), places.get(i)));
              })
          .toArray();
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
