package io.recant.core.decision;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which features a {@link TiltedMixture} can afford: of few canaries every further weight fits
 * their chance as well. Groups of features are added, the best first, while the Bayesian
 * information criterion gains, that is while the log-likelihood gains more than
 *
 * <pre>1/2 log(canaries) for each feature</pre>
 *
 * <p>Canaries and not rows are counted because the rarer kind carries the information (as events do
 * in Volinsky and Raftery, Biometrics 2000). The best group is chosen whatever it gains.
 */
public final class ForwardSelection {

  private ForwardSelection() {}

  /**
   * Chooses groups.
   *
   * @param rows what the mixture is to be fitted to
   * @param groups columns of the features, by group; no column in two
   * @param rising columns below that have weights that are not negative
   * @param ridge as of the fit
   * @return indices of the groups, ascending
   * @throws IllegalArgumentException when there is no group
   */
  public static List<Integer> of(
      TiltedMixture.Rows rows, List<int[]> groups, int rising, double ridge) {
    if (groups.isEmpty()) {
      throw new IllegalArgumentException("There are no features to choose from");
    }
    double price = Math.log(Arrays.stream(rows.canaries()).sum()) / 2;
    List<Integer> left = new ArrayList<>(IntStream.range(0, groups.size()).boxed().toList());
    List<Integer> chosen = new ArrayList<>();
    double reached = Double.NEGATIVE_INFINITY;
    while (!left.isEmpty()) {
      Integer next = null;
      for (Integer group : left) {
        int[] columns = columns(groups, chosen, group);
        TiltedMixture.Rows some = rows.of(columns);
        int risingHere = (int) Arrays.stream(columns).filter(c -> c < rising).count();
        double worth =
            TiltedMixture.fit(some, risingHere, ridge).logLikelihood(some) - price * columns.length;
        if (worth > reached) {
          reached = worth;
          next = group;
        }
      }
      if (next == null) {
        break;
      }
      chosen.add(next);
      left.remove(next);
    }
    return chosen.stream().sorted().toList();
  }

  private static int[] columns(List<int[]> groups, List<Integer> chosen, int further) {
    return IntStream.concat(
            chosen.stream().flatMapToInt(group -> Arrays.stream(groups.get(group))),
            Arrays.stream(groups.get(further)))
        .sorted()
        .toArray();
  }
}
