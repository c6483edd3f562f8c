package io.recant.core.clue;

import io.recant.core.label.ConfusedClasses;
import io.recant.core.stats.LogisticRegression;
import io.recant.core.stats.Ranking;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** How a {@link ClueModel} is learned: the choice of its form, the parts, and their rounds. */
final class ClueLearning {

  private static final int MOST_ROUNDS = 10;

  /** Where all is told apart all forms are as likely, and each costs as much as the first. */
  private static final int MOST_FORMS = 4;

  private static final double[] RIDGES = {0.3, 0.1, 0.03, 0.01};

  /**
   * A corrected known row is good for sure, where of the others of its class many are not: it
   * counts as so many.
   */
  private static final int CORRECTED = 5;

  /** Rounds end when less than this part of what was found moves. */
  private static final double SETTLED = 0.02;

  /**
   * What is chosen by cross-validation.
   *
   * @param ridge how small weights are held
   * @param choice of the features
   */
  private record Form(double ridge, ClueFeatures.Choice choice) {}

  private final List<ClueRow> rows;
  private final VectorSpace space;
  private final List<double[]> places;
  private final double[] known;
  private final double[] others;
  private final ConfusedClasses<Integer> confused;

  ClueLearning(List<ClueRow> rows, VectorSpace space) {
    this.rows = rows;
    this.space = space;
    places = rows.stream().map(space::of).toList();
    known = rows.stream().mapToDouble(row -> row.known() ? 1 : 0).toArray();
    others = rows.stream().mapToDouble(row -> row.known() ? 0 : 1).toArray();
    confused = confused(rows);
  }

  /** What known rows show. */
  private static ConfusedClasses<Integer> confused(List<ClueRow> rows) {
    ConfusedClasses.Counts<Integer> counts = new ConfusedClasses.Counts<>();
    rows.stream()
        .filter(row -> row.known() && row.rival() >= 0)
        .forEach(row -> counts.add(row.given(), row.rival()));
    return counts.pairs();
  }

  private ClueRow corrected(ClueRow row) {
    return row.corrected(confused.other().get(row.given()));
  }

  ClueModel model() {
    List<Form> forms = supportedForms();
    List<Part> parts = IntStream.range(0, ClueModel.PARTS).mapToObj(Part::new).toList();
    List<ClueFits> rounds = new ArrayList<>();
    List<Likely<Integer>> likelihoods = new ArrayList<>();
    do {
      ClueFits fits = new ClueFits(parts.parallelStream().map(part -> part.next(forms)).toList());
      likelihoods.add(new Likely<>(rounds.size(), logLikelihood(margins(fits::of))));
      rounds.add(fits);
    } while (rounds.size() < MOST_ROUNDS && !parts.stream().allMatch(Part::settled));
    List<Integer> supported = Likely.supported(likelihoods);
    ClueFits fits = ClueFits.mean(supported.stream().map(rounds::get).toList());
    double[] margins = margins(fits::of);
    ClueModel.Posterior posterior = posterior(fits::of, margins, known, others);
    return new ClueModel(
        fits,
        posterior,
        share(posterior, margins),
        Collections.max(supported) + 1,
        averagePrecision(margins));
  }

  /** The rounds with the known rows of one part among the others. */
  private final class Part {

    private final double[] told;
    private final double[] untold;
    private final double[] bad;
    private List<ClueFits.Fit> fits;
    private boolean settled;

    Part(int part) {
      told =
          rows.stream().mapToDouble(r -> r.known() && ClueModel.part(r) != part ? 1 : 0).toArray();
      untold = Arrays.stream(told).map(t -> 1 - t).toArray();
      bad = told.clone();
    }

    boolean settled() {
      return settled;
    }

    /** Goes through one more round, while rows still move; by what the fits did not learn. */
    List<ClueFits.Fit> next(List<Form> forms) {
      if (settled) {
        return fits;
      }
      fits =
          IntStream.range(0, ClueModel.FITS)
              .mapToObj(left -> fit(row -> ClueModel.inner(row) != left, bad, told, forms))
              .toList();
      Function<ClueRow, ClueFits.Fit> of = row -> fits.get(ClueModel.inner(row));
      double[] margins = margins(of);
      ClueModel.Posterior posterior = posterior(of, margins, told, untold);
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
  private ClueModel.Posterior posterior(
      Function<ClueRow, ClueFits.Fit> of, double[] margins, double[] told, double[] untold) {
    ClueModel.MarginMixture everywhere = ClueModel.MarginMixture.of(margins, told, untold);
    List<Double> bad = new ArrayList<>();
    List<Double> good = new ArrayList<>();
    List<Double> unknown = new ArrayList<>();
    for (int i = 0; i < margins.length; i++) {
      ClueRow row = rows.get(i);
      if (confused.contains(row.given())) {
        (told[i] > 0 ? bad : unknown).add(margins[i]);
        if (told[i] > 0) {
          good.add(of.apply(row).margin(corrected(row)));
        }
      }
    }
    boolean some = !bad.isEmpty() && !unknown.isEmpty();
    return new ClueModel.Posterior(
        everywhere,
        confused,
        some ? LabelledMixture.fit(numbers(bad), numbers(good), numbers(unknown)) : null);
  }

  private double share(ClueModel.Posterior posterior, double[] margins) {
    return IntStream.range(0, margins.length)
        .filter(i -> others[i] > 0)
        .mapToDouble(i -> posterior.of(rows.get(i), margins[i]))
        .average()
        .orElse(0);
  }

  private static double[] numbers(List<Double> list) {
    return list.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Those with which it is about as likely as with the best that just the known rows are known. */
  private List<Form> supportedForms() {
    List<Likely<Form>> forms = new ArrayList<>();
    for (boolean rivals : new boolean[] {true, false}) {
      for (boolean gradients : new boolean[] {true, false}) {
        for (double ridge : RIDGES) {
          Form form = new Form(ridge, new ClueFeatures.Choice(rivals, gradients));
          List<ClueFits.Fit> fits =
              IntStream.range(0, ClueModel.PARTS)
                  .parallel()
                  .mapToObj(
                      part -> fit(row -> ClueModel.part(row) != part, known, known, List.of(form)))
                  .toList();
          forms.add(
              new Likely<>(form, logLikelihood(margins(row -> fits.get(ClueModel.part(row))))));
        }
      }
    }
    return Likely.supported(forms).stream().limit(MOST_FORMS).toList();
  }

  /** That just the known rows are known. */
  private double logLikelihood(double[] margins) {
    return ClueModel.MarginMixture.of(margins, known, others).logLikelihood();
  }

  /**
   * What is learned from some of the rows.
   *
   * @param told which of the known rows are known here
   */
  private ClueFits.Fit fit(
      Predicate<ClueRow> learns, double[] bad, double[] told, List<Form> forms) {
    int[] learned = IntStream.range(0, rows.size()).filter(i -> learns.test(rows.get(i))).toArray();
    List<ClueRow> own = new ArrayList<>();
    List<double[]> ownPlaces = new ArrayList<>();
    List<Double> ownBad = new ArrayList<>();
    for (int i : learned) {
      own.add(rows.get(i));
      ownPlaces.add(places.get(i));
      ownBad.add(bad[i]);
      if (told[i] > 0 && confused.contains(rows.get(i).given())) {
        ClueRow corrected = corrected(rows.get(i));
        own.addAll(Collections.nCopies(CORRECTED, corrected));
        ownPlaces.addAll(Collections.nCopies(CORRECTED, space.of(corrected)));
        ownBad.addAll(Collections.nCopies(CORRECTED, 0.0));
      }
    }
    double[] positive = numbers(ownBad);
    return new ClueFits.Fit(
        space, forms.stream().map(form -> regression(form, own, ownPlaces, positive)).toList());
  }

  private ClueFits.Regression regression(
      Form form, List<ClueRow> own, List<double[]> ownPlaces, double[] positive) {
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
        LogisticRegression.fit(x, positive, negative, penalties(x, negative, usual, form.ridge()));
    return new ClueFits.Regression(
        features,
        regression.intercept(),
        regression.weights(),
        usual,
        byFeature(x, Math::min),
        byFeature(x, Math::max));
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

  private static double[] byFeature(double[][] x, DoubleBinaryOperator of) {
    double[] result = x[0].clone();
    for (double[] row : x) {
      for (int j = 0; j < result.length; j++) {
        result[j] = of.applyAsDouble(result[j], row[j]);
      }
    }
    return result;
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

  private double[] margins(Function<ClueRow, ClueFits.Fit> of) {
    return IntStream.range(0, rows.size())
        .mapToDouble(i -> of.apply(rows.get(i)).margin(rows.get(i), places.get(i)))
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
