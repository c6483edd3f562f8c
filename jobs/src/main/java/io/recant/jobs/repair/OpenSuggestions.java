package io.recant.jobs.repair;

import io.recant.core.repair.SuggestionCalibration;
import io.recant.jobs.noise.States;
import java.io.Serializable;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;

/**
 * Suggestions for a corpus whose targets are open: what a detector found elsewhere in it, such as
 * the target that most duplicates of a row have. How often that is right where the given target is
 * wrong is the share of the detector's suggestions for canaries that are the target of their
 * original, by the detector's score ({@link SuggestionCalibration}); the likeliest suggestion is
 * taken. A canary counts as much as its original is likely right: of open targets, canaries are
 * drawn from right and wrong originals alike. Without enough canaries that a detector suggests
 * something for, its suggestions have no probability.
 */
final class OpenSuggestions {

  private OpenSuggestions() {}

  private record Choice(Candidate.Opinion opinion, double right, double known)
      implements Serializable {}

  /** Suggestions for the samples among the candidates; none for those no detector has one for. */
  static JavaRDD<Suggestion> of(JavaRDD<Candidate> candidates, int minCanaries) {
    Map<String, SuggestionCalibration> calibrations = calibrations(candidates, minCanaries);
    return candidates
        .filter(c -> !c.canary() && opinions(c).findAny().isPresent())
        .map(c -> suggestion(c, calibrations));
  }

  private static Map<String, SuggestionCalibration> calibrations(
      JavaRDD<Candidate> candidates, int minCanaries) {
    HashMap<String, SuggestionCalibration.Counts> counts =
        States.over(
            candidates.filter(Candidate::canary),
            new HashMap<String, SuggestionCalibration.Counts>(),
            (all, canary) -> {
              opinions(canary)
                  .forEach(
                      o ->
                          all.computeIfAbsent(o.detector(), d -> new SuggestionCalibration.Counts())
                              .add(
                                  o.score(),
                                  Candidate.same(o.suggested(), canary.truth()),
                                  1 - canary.pBad()));
              return all;
            },
            (a, b) -> {
              b.forEach((d, own) -> a.merge(d, own, SuggestionCalibration.Counts::merge));
              return a;
            });
    Map<String, SuggestionCalibration> calibrations = new HashMap<>();
    counts.forEach(
        (detector, own) -> {
          if (own.total() >= minCanaries) {
            calibrations.put(detector, SuggestionCalibration.of(own));
          }
        });
    return calibrations;
  }

  private static Stream<Candidate.Opinion> opinions(Candidate c) {
    return c.opinions().stream().filter(o -> !Candidate.same(o.suggested(), c.given()));
  }

  private static Suggestion suggestion(
      Candidate c, Map<String, SuggestionCalibration> calibrations) {
    List<Choice> choices =
        opinions(c)
            .map(o -> choice(o, calibrations.get(o.detector())))
            .sorted(
                Comparator.comparingDouble((Choice x) -> Double.isNaN(x.right()) ? 1 : -x.right())
                    .thenComparingDouble(x -> -x.opinion().score())
                    .thenComparing(x -> x.opinion().detector()))
            .toList();
    Choice best = choices.get(0);
    String target = best.opinion().suggested();
    Choice second =
        choices.stream()
            .filter(x -> !Candidate.same(x.opinion().suggested(), target))
            .findFirst()
            .orElse(null);
    return new Suggestion(
        c,
        target,
        best.right(),
        second == null ? null : second.opinion().suggested(),
        second == null ? Double.NaN : Math.min(second.right(), 1 - best.right()),
        best.known(),
        choices.stream()
            .filter(x -> Candidate.same(x.opinion().suggested(), target))
            .map(x -> x.opinion().detector())
            .toList());
  }

  private static Choice choice(Candidate.Opinion opinion, SuggestionCalibration calibration) {
    return calibration == null
        ? new Choice(opinion, Double.NaN, 0)
        : new Choice(
            opinion, calibration.at(opinion.score()), calibration.knownFrom(opinion.score()));
  }
}
