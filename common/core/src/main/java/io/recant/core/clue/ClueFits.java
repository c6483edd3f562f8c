package io.recant.core.clue;

import io.recant.core.stats.LogisticRegression;
import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The regressions of a {@link ClueModel}.
 *
 * @param fits by part, and by what of it was left out
 */
record ClueFits(List<List<Fit>> fits) implements Serializable {

  /**
   * What was learned from some rows in one form. A feature of a row counts as at most the largest
   * that was seen, and at least as the smallest: what hardly varied among rows that were learned
   * has a weight by chance, and a row that lies far outside there would be as suspicious as can be.
   *
   * @param usual the features of a good row, on average
   * @param smallest each feature, of the rows that were learned
   * @param largest the same
   */
  record Regression(
      ClueFeatures features,
      double intercept,
      double[] weights,
      double[] usual,
      double[] smallest,
      double[] largest)
      implements Serializable {

    double margin(ClueRow row, double[] place) {
      return new LogisticRegression(intercept, weights).margin(seen(row, place));
    }

    /** The features of a row, within what was seen. */
    double[] seen(ClueRow row, double[] place) {
      double[] x = features.of(row, place);
      for (int j = 0; j < x.length; j++) {
        x[j] = Math.max(smallest[j], Math.min(largest[j], x[j]));
      }
      return x;
    }
  }

  /**
   * What was learned from some rows, in several forms; the margin is their mean.
   *
   * @param space of the rows' vectors
   */
  record Fit(VectorSpace space, List<Regression> forms) implements Serializable {

    double margin(ClueRow row) {
      return margin(row, space.of(row));
    }

    /** Several as one. */
    static Fit mean(List<Fit> some) {
      return new Fit(
          some.get(0).space(), some.stream().flatMap(fit -> fit.forms().stream()).toList());
    }

    /** The margin of a row whose place in the space is known. */
    double margin(ClueRow row, double[] place) {
      return forms.stream().mapToDouble(form -> form.margin(row, place)).average().orElseThrow();
    }
  }

  /** The one that did not learn the row. */
  Fit of(ClueRow row) {
    return fits.get(ClueModel.part(row)).get(ClueModel.inner(row));
  }

  /** Several as one. */
  static ClueFits mean(List<ClueFits> some) {
    return new ClueFits(
        IntStream.range(0, ClueModel.PARTS)
            .mapToObj(
                part ->
                    IntStream.range(0, ClueModel.FITS)
                        .mapToObj(
                            left ->
                                Fit.mean(
                                    some.stream()
                                        .map(one -> one.fits().get(part).get(left))
                                        .toList()))
                        .toList())
            .toList());
  }
}
