package io.recant.core.decision;

/**
 * The estimated share of bad samples: that of the {@link TiltedMixture}, or one that is known from
 * elsewhere, never above what {@link BestBin} leaves possible, in [0, 0.9].
 *
 * <p>Valid as far as canaries are drawn like the errors (selected completely at random, Elkan and
 * Noto, KDD 2008): errors of a kind no canary has are counted among the good.
 *
 * @param share the estimate
 * @param bound the best bin's upper confidence bound
 * @param scale the share over the mixture's, where another is known; 1 elsewhere
 * @param mixture the fit behind it
 */
public record ErrorShare(double share, double bound, double scale, TiltedMixture mixture) {

  private static final double MOST = 0.9;
  private static final double LEAST = 1e-6;
  private static final int BINS = 200;

  /**
   * Estimates the share.
   *
   * @param counts canaries and samples per joined score, in log-odds
   */
  public static ErrorShare of(ScoreCounts counts) {
    return of(counts, 1, fit(counts));
  }

  /**
   * The same where somebody knows good rows as well, and by them the share: scores of bad and of
   * unknown rows alone leave open how many bad ones are among those with low scores.
   *
   * @param share in (0, 1]
   */
  public static ErrorShare of(ScoreCounts counts, double share) {
    TiltedMixture mixture = fit(counts);
    return of(counts, share / Math.max(LEAST, mixture.share()), mixture);
  }

  /** The same from the fit to counts that differ by chance, which is where to begin. */
  static ErrorShare of(ScoreCounts counts, ErrorShare similar) {
    return of(
        counts,
        similar.scale(),
        TiltedMixture.fit(TiltedMixture.Rows.of(counts), 1, 0, similar.mixture()));
  }

  private static TiltedMixture fit(ScoreCounts counts) {
    return TiltedMixture.fit(TiltedMixture.Rows.of(counts.binned(BINS)), 1, 0);
  }

  private static ErrorShare of(ScoreCounts counts, double scale, TiltedMixture mixture) {
    double bound = BestBin.of(counts).bound();
    return new ErrorShare(
        Math.min(MOST, Math.min(bound, scale * mixture.share())), bound, scale, mixture);
  }
}
