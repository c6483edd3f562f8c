package io.recant.core.decision;

/** How many of the most suspicious samples to forget. */
public sealed interface CutRule {

  /** The chosen cut, in steps from the top of the ranking. */
  int cut(RankedSamples ranked);

  /**
   * The largest expected F1. Where even that set would be less precise than {@code least}, the
   * largest set that is not: a forget set that is mostly good does more harm than none.
   */
  record BestF1(double least) implements CutRule {
    @Override
    public int cut(RankedSamples ranked) {
      int best = 0;
      for (int cut = 1; cut <= ranked.steps(); cut++) {
        if (ranked.f1(cut) > ranked.f1(best)) {
          best = cut;
        }
      }
      return Math.min(best, ranked.precise(least));
    }
  }

  /** The largest set with at least this expected precision. */
  record Precision(double wanted) implements CutRule {
    @Override
    public int cut(RankedSamples ranked) {
      return ranked.precise(wanted);
    }
  }

  /** At most this share of the samples. */
  record Share(double share) implements CutRule {
    @Override
    public int cut(RankedSamples ranked) {
      return ranked.atMost(share * ranked.samples());
    }
  }

  /** At most so many samples. */
  record Budget(long rows) implements CutRule {
    @Override
    public int cut(RankedSamples ranked) {
      return ranked.atMost(rows);
    }
  }
}
