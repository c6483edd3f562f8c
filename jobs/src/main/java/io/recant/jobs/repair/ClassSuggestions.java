package io.recant.jobs.repair;

import io.recant.core.repair.ClassLift;
import io.recant.core.repair.ConditionalLogit;
import io.recant.core.repair.SuggestionCalibration;
import io.recant.jobs.noise.States;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;

/**
 * Suggestions for a corpus with classes. Which class is right, given that the stated one is wrong,
 * is a {@link ConditionalLogit} over the other classes k of
 *
 * <pre>
 * ln p_k (mean over the models), the {@link ClassLift} of k, and for each detector 1 where it suggests k
 * </pre>
 *
 * <p>learnt from the canaries, whose stated class is wrong for sure and whose right one is that of
 * their original; then a {@link SuggestionCalibration} of the strongest. The original's own class
 * is wrong now and then. That does not bias either: canaries of classes are drawn in proportion to
 * the probability that their original is right, so the row an error is made from is as frequent
 * among them as among the right rows, and whether a suggestion agrees with its class depends on the
 * row alone. (Leaving out originals that look wrong would: what remains is easy.) A handful of
 * weights from hundreds of canaries cannot overfit by much; only the lift, one number per pair of
 * classes, leaves out the canary it is asked about.
 *
 * <p>With too few canaries the weights are those the fit starts from, 1, and nothing is calibrated.
 */
final class ClassSuggestions {

  private static final String PROBABILITIES = "probabilities";
  private static final double LEAST = 1e-6;
  private static final int OWN = 2;

  private ClassSuggestions() {}

  /**
   * A candidate with its classes by index.
   *
   * @param truth -1 for samples
   * @param logs mean log probability of each class; empty without a prediction
   * @param suggested what each detector suggests, -1 for nothing
   */
  private record Case(Candidate of, int given, int truth, double[] logs, int[] suggested)
      implements Serializable {}

  /** What is known of all classes and detectors. */
  private record Knowledge(List<String> classes, List<String> detectors, ClassLift lift)
      implements Serializable {

    /** The given class is no alternative, and what a canary adds to the lift is left out. */
    double[][] features(Case row) {
      double[] lifts =
          row.truth() < 0 ? lift.of(row.given()) : lift.without(row.truth(), row.given());
      double[][] x = new double[classes.size()][OWN + detectors.size()];
      for (int k = 0; k < x.length; k++) {
        x[k][0] = row.logs().length == 0 ? 0 : row.logs()[k];
        x[k][1] = lifts[k];
        for (int d = 0; d < detectors.size(); d++) {
          x[k][OWN + d] = row.suggested()[d] == k ? 1 : 0;
        }
      }
      return x;
    }
  }

  /**
   * Suggestions for the samples among the candidates; none for those nothing is known about.
   *
   * @param kept takes what has to stay cached until they are written
   */
  static JavaRDD<Suggestion> of(
      JavaRDD<Candidate> candidates, List<String> classes, int minCanaries, List<JavaRDD<?>> kept) {
    List<String> detectors =
        candidates
            .flatMap(c -> c.opinions().stream().map(Candidate.Opinion::detector).iterator())
            .distinct()
            .collect()
            .stream()
            .sorted()
            .toList();
    Map<String, Integer> index = new HashMap<>();
    classes.forEach(name -> index.put(name, index.size()));
    JavaRDD<Case> cases =
        candidates
            .filter(c -> index.containsKey(c.given()) && classes.size() > 1)
            .filter(c -> !c.canary() || index.containsKey(c.truth()))
            .map(c -> caseOf(c, index, detectors))
            .filter(row -> row.logs().length > 0 || somethingSuggested(row))
            .persist(StorageLevel.MEMORY_AND_DISK());
    kept.add(cases);
    JavaRDD<Case> canaries = cases.filter(row -> row.of().canary());
    JavaRDD<Case> samples = cases.filter(row -> !row.of().canary());
    if (canaries.count() < minCanaries) {
      Knowledge none = new Knowledge(classes, detectors, new ClassLift(classes.size()));
      ConditionalLogit start = new ConditionalLogit(start(detectors));
      return samples.map(row -> suggestion(row, none, start, null));
    }
    ClassLift lift =
        States.over(
            canaries,
            new ClassLift(classes.size()),
            (state, row) -> {
              state.add(row.truth(), row.given());
              return state;
            },
            ClassLift::merge);
    Knowledge knowledge = new Knowledge(classes, detectors, lift);
    ConditionalLogit model = fit(canaries, knowledge);
    SuggestionCalibration calibration = calibration(canaries, knowledge, model);
    return samples.map(row -> suggestion(row, knowledge, model, calibration));
  }

  private static double[] start(List<String> detectors) {
    double[] start = new double[OWN + detectors.size()];
    Arrays.fill(start, 1);
    return start;
  }

  private static ConditionalLogit fit(JavaRDD<Case> canaries, Knowledge knowledge) {
    ConditionalLogit.Fit fit = ConditionalLogit.Fit.from(start(knowledge.detectors()));
    while (!fit.resolved()) {
      fit =
          fit.after(
              States.over(
                  canaries,
                  fit.pass(),
                  (pass, row) -> {
                    pass.add(knowledge.features(row), row.given(), row.truth());
                    return pass;
                  },
                  ConditionalLogit.Pass::merge));
    }
    return fit.model();
  }

  private static SuggestionCalibration calibration(
      JavaRDD<Case> canaries, Knowledge knowledge, ConditionalLogit model) {
    return SuggestionCalibration.of(
        States.over(
            canaries,
            new SuggestionCalibration.Counts(),
            (counts, row) -> {
              double[] p = model.probabilities(knowledge.features(row), row.given());
              int best = best(p, row.given(), -1);
              counts.add(p[best], best == row.truth(), 1);
              return counts;
            },
            SuggestionCalibration.Counts::merge));
  }

  private static Case caseOf(Candidate of, Map<String, Integer> index, List<String> detectors) {
    int given = index.get(of.given());
    int[] suggested = new int[detectors.size()];
    Arrays.fill(suggested, -1);
    for (Candidate.Opinion opinion : of.opinions()) {
      int k = index.getOrDefault(opinion.suggested(), -1);
      suggested[detectors.indexOf(opinion.detector())] = k == given ? -1 : k;
    }
    int truth = of.canary() ? index.get(of.truth()) : -1;
    return new Case(of, given, truth, logs(of, index.size()), suggested);
  }

  private static boolean somethingSuggested(Case row) {
    return Arrays.stream(row.suggested()).anyMatch(k -> k >= 0);
  }

  private static double[] logs(Candidate of, int classes) {
    double[] logs = new double[0];
    int models = 0;
    for (double[] p : of.predicted()) {
      if (p.length == classes) {
        logs = models == 0 ? new double[classes] : logs;
        models++;
        for (int k = 0; k < classes; k++) {
          logs[k] += Math.log(Math.max(LEAST, p[k]));
        }
      }
    }
    for (int k = 0; k < logs.length; k++) {
      logs[k] /= models;
    }
    return logs;
  }

  /** The most probable class beside two; the first of several; -1 where there is none. */
  private static int best(double[] p, int beside, int andBeside) {
    int best = -1;
    for (int k = 0; k < p.length; k++) {
      if (k != beside && k != andBeside && (best < 0 || p[k] > p[best])) {
        best = k;
      }
    }
    return best;
  }

  private static Suggestion suggestion(
      Case row, Knowledge knowledge, ConditionalLogit model, SuggestionCalibration calibration) {
    double[] p = model.probabilities(knowledge.features(row), row.given());
    int best = best(p, row.given(), -1);
    int second = best(p, row.given(), best);
    double right = calibration == null ? Double.NaN : calibration.at(p[best]);
    double rest = (1 - right) / Math.max(LEAST, 1 - p[best]);
    List<String> sources = new ArrayList<>();
    if (row.logs().length > 0 && best(row.logs(), row.given(), -1) == best) {
      sources.add(PROBABILITIES);
    }
    for (int d = 0; d < knowledge.detectors().size(); d++) {
      if (row.suggested()[d] == best) {
        sources.add(knowledge.detectors().get(d));
      }
    }
    return new Suggestion(
        row.of(),
        knowledge.classes().get(best),
        right,
        second < 0 ? null : knowledge.classes().get(second),
        second < 0 ? Double.NaN : Math.min(right, p[second] * rest),
        calibration == null ? 0 : calibration.knownFrom(p[best]),
        sources);
  }
}
