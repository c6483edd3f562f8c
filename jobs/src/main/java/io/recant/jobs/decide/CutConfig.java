package io.recant.jobs.decide;

import io.recant.core.config.Setting;
import io.recant.core.decision.CutRule;

/** The {@code decide.cut} section. */
public record CutConfig(
    @Setting(
            value =
                "f1: the best expected F1; precision: as many as keep that precision; share, budget: that many at most",
            defaultValue = "f1")
        By by,
    @Setting(
            value = "For precision: the wanted expected precision of the forget set",
            defaultValue = "0.7",
            min = 0,
            max = 1)
        double precision,
    @Setting(
            value = "For share: at most this share of the judged samples of a corpus",
            defaultValue = "0.1",
            min = 0,
            max = 1)
        double share,
    @Setting(
            value = "For budget: at most so many samples of a corpus",
            defaultValue = "1000",
            min = 0)
        long budget,
    @Setting(
            value =
                "For f1: the forget set is shrunk until its expected precision is at least this",
            defaultValue = "0.5",
            min = 0,
            max = 1)
        double minPrecision) {

  /** What the cut goes by. */
  public enum By {
    F1,
    PRECISION,
    SHARE,
    BUDGET
  }

  /** The configured rule. */
  CutRule rule() {
    return switch (by) {
      case F1 -> new CutRule.BestF1(minPrecision);
      case PRECISION -> new CutRule.Precision(precision);
      case SHARE -> new CutRule.Share(share);
      case BUDGET -> new CutRule.Budget(budget);
    };
  }
}
