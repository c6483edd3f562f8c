package io.recant.core.repair;

import io.recant.core.stats.Interval;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What relabelling does to the targets of a corpus, measured as self-correction is (Yang et al.:
 * Confidence v.s. Critique, ACL 2025):
 *
 * <pre>
 * CL   = P(right after | right before) = kept / (kept + spoilt)
 * CS   = P(right after | wrong before) = fixed / (fixed + left)
 * Acc2 = Acc1 CL + (1 - Acc1) CS
 * </pre>
 *
 * <p>Counts may be expectations.
 *
 * @param kept right before and after
 * @param spoilt right before, wrong after
 * @param fixed wrong before, right after
 * @param left wrong before and after, replaced or not
 * @param relabelled targets that were replaced: all spoilt and fixed ones, and some of those left
 */
public record Relabelling(
    double kept, double spoilt, double fixed, double left, double relabelled) {

  /** How often a replacement is right; NaN without any. */
  public double precision() {
    return fixed / relabelled;
  }

  /** CL; NaN where nothing was right. */
  public double cl() {
    return kept / (kept + spoilt);
  }

  /** CS; NaN where nothing was wrong. */
  public double cs() {
    return fixed / (fixed + left);
  }

  /** All targets. */
  public double rows() {
    return kept + spoilt + fixed + left;
  }

  /** Acc1: the share that is right before; NaN without rows. */
  public double before() {
    return (kept + spoilt) / rows();
  }

  /** Acc2: the share that is right after; NaN without rows. */
  public double after() {
    return (kept + fixed) / rows();
  }

  /** Counted: each with Wilson's interval, by the names table {@code repair_scores} has them. */
  public Map<String, Share> counted() {
    Map<String, Share> shares = new LinkedHashMap<>();
    shares.put("repair_precision", share(fixed, relabelled));
    shares.put("CL", share(kept, kept + spoilt));
    shares.put("CS", share(fixed, fixed + left));
    shares.put("accuracy_before", share(kept + spoilt, rows()));
    shares.put("accuracy_after", share(kept + fixed, rows()));
    return shares;
  }

  /**
   * Expected: the same with intervals for what the expectations rest on. The ends of its parts are
   * multiplied, so the intervals are on the wide side.
   *
   * @param bad by what factor the number of bad among the replaced may be off: lower and upper end
   *     around 1
   * @param right by what factor the share of right suggestions among these may be off
   * @param share the estimated share of bad targets, with its ends
   */
  public Map<String, Share> expected(Interval bad, Interval right, Interval share) {
    double least = Math.min(relabelled, fixed * bad.lower() * right.lower());
    double most = Math.min(relabelled, fixed * bad.upper() * right.upper());
    double wrong = relabelled - spoilt;
    double mostSpoilt = relabelled - Math.min(relabelled, wrong * bad.lower());
    double leastSpoilt = relabelled - Math.min(relabelled, wrong * bad.upper());
    double down = share.value() > 0 ? share.lower() / share.value() : 0;
    double up = share.value() > 0 ? share.upper() / share.value() : 1;
    double good = kept + spoilt;
    double all = fixed + left;
    Map<String, Share> shares = new LinkedHashMap<>();
    shares.put(
        "repair_precision",
        widened(precision(), least / relabelled, most / relabelled, relabelled));
    shares.put("CL", widened(cl(), 1 - mostSpoilt / good, 1 - leastSpoilt / good, good));
    shares.put("CS", widened(cs(), least / (all * up), most / (all * down), all));
    shares.put(
        "accuracy_before",
        widened(before(), 1 - all * up / rows(), 1 - all * down / rows(), rows()));
    shares.put(
        "accuracy_after",
        widened(
            after(),
            (rows() - all * up + least - mostSpoilt) / rows(),
            (rows() - all * down + most - leastSpoilt) / rows(),
            rows()));
    return shares;
  }

  /**
   * A share and of how many.
   *
   * @param interval the share with its ends; NaN in [0, 1] where it is of none
   * @param n of how many
   */
  public record Share(Interval interval, long n) {}

  private static Share share(double of, double n) {
    return new Share(Interval.share(of, n), Math.round(n));
  }

  /** The ends given, and Wilson's for as many rows where those are wider. */
  private static Share widened(double value, double lower, double upper, double n) {
    Interval chance = Interval.share(value * n, n);
    if (!(n > 0)) {
      return new Share(chance, 0);
    }
    return new Share(
        new Interval(
            value,
            Math.max(0, Math.min(chance.lower(), lower)),
            Math.min(1, Math.max(chance.upper(), upper))),
        Math.round(n));
  }
}
