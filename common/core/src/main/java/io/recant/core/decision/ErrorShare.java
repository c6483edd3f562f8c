package io.recant.core.decision;

/**
 * The estimated share of bad samples: that of the {@link TiltedMixture}, never above what {@link
 * BestBin} leaves possible, in [0, 0.9].
 *
 * <p>Valid as far as canaries are drawn like the errors (selected completely at random, Elkan and
 * Noto, KDD 2008): errors of a kind no canary has are counted among the good.
 *
 * @param share the estimate
 * @param bound the best bin's upper confidence bound
 * @param mixture the fit behind it
 */
public record ErrorShare(double share, double bound, TiltedMixture mixture) {

  private static final double MOST = 0.9;
  private static final int BINS = 200;

  /**
   * Estimates the share.
   *
   * @param counts canaries and samples per joined score, in log-odds
   */
  public static ErrorShare of(ScoreCounts counts) {
    return of(counts, TiltedMixture.fit(TiltedMixture.Rows.of(counts.binned(BINS)), 1, 0));
  }

  /** The same from the fit to counts that differ by chance, which is where to begin. */
  static ErrorShare of(ScoreCounts counts, ErrorShare similar) {
    return of(counts, TiltedMixture.fit(TiltedMixture.Rows.of(counts), 1, 0, similar.mixture()));
  }

  private static ErrorShare of(ScoreCounts counts, TiltedMixture mixture) {
    double bound = BestBin.of(counts).bound();
    return new ErrorShare(Math.min(MOST, Math.min(bound, mixture.share())), bound, mixture);
  }
}
