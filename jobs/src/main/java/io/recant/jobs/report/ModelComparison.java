package io.recant.jobs.report;

import io.recant.jobs.report.ModelScores.Cost;
import io.recant.jobs.report.ModelScores.Score;
import io.recant.jobs.report.ReportData.Cell;
import io.recant.jobs.report.ReportData.Measure;
import io.recant.jobs.report.ReportData.Method;
import io.recant.jobs.report.ReportData.Model;
import io.recant.jobs.report.ReportData.Role;
import io.recant.jobs.report.ReportData.TrainingCurve;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Every method of a model beside the oracle and the untouched model. Where a score does not carry
 * the oracle's or the untouched model's value, that of the method {@code oracle} or {@code victim}
 * stands in.
 */
final class ModelComparison {

  private static final String UNTOUCHED = "victim";
  private static final String ORACLE = "oracle";

  /** What methods are compared with, in the order the page shows them. */
  private static final List<String> REFERENCES = List.of(UNTOUCHED, "retrained", ORACLE);

  private final String model;
  private final List<Score> scores;
  private final List<Cost> costs;

  private ModelComparison(String model, List<Score> scores, List<Cost> costs) {
    this.model = model;
    this.scores = scores;
    this.costs = costs;
  }

  /** Every model that has a score, a checkpoint or a training curve, by name. */
  static List<Model> of(
      List<Score> scores, List<Cost> costs, Map<String, List<TrainingCurve>> training) {
    TreeSet<String> names = new TreeSet<>(training.keySet());
    scores.forEach(s -> names.add(s.model()));
    costs.forEach(c -> names.add(c.model()));
    return names.stream()
        .map(
            name ->
                new ModelComparison(
                        name,
                        scores.stream().filter(s -> s.model().equals(name)).toList(),
                        costs.stream().filter(c -> c.model().equals(name)).toList())
                    .model(training.getOrDefault(name, List.of())))
        .toList();
  }

  private Model model(List<TrainingCurve> training) {
    List<Measure> measures =
        scores.stream()
            .filter(s -> s.value() != null)
            .map(s -> new Measure(s.metric(), s.split()))
            .distinct()
            .sorted(Comparator.comparing(Measure::metric).thenComparing(Measure::split))
            .toList();
    List<Method> methods = methods();
    return new Model(
        model,
        costs.stream().map(Cost::corpus).findFirst().orElse(null),
        costs.stream().map(Cost::family).findFirst().orElse(null),
        Headline.of(methods),
        measures,
        methods,
        ForgetRetainAxes.choose(measures),
        training);
  }

  /** References in their order, then the closest to the oracle first. */
  private List<Method> methods() {
    return Stream.concat(scores.stream().map(Score::method), costs.stream().map(Cost::method))
        .distinct()
        .map(this::method)
        .sorted(
            Comparator.comparing(Method::role)
                .thenComparing(m -> REFERENCES.indexOf(m.name()))
                .thenComparing(Method::closeness, Comparator.nullsLast(Comparator.reverseOrder()))
                .thenComparing(Method::name))
        .toList();
  }

  private Method method(String name) {
    List<Cell> cells =
        scores.stream().filter(s -> s.method().equals(name)).map(this::cell).toList();
    List<Double> closeness = cells.stream().map(Cell::closeness).filter(Objects::nonNull).toList();
    Cost cost =
        costs.stream()
            .filter(c -> c.method().equals(name))
            .findFirst()
            .orElse(new Cost(model, name, null, null, null, null, null, null, null));
    return new Method(
        name,
        REFERENCES.contains(name) ? Role.REFERENCE : Role.METHOD,
        closeness.isEmpty()
            ? null
            : closeness.stream().mapToDouble(Double::doubleValue).average().orElseThrow(),
        closeness.size(),
        cost.seconds(),
        cost.peakMemory(),
        cost.steps(),
        cost.stopped(),
        cost.device(),
        cells);
  }

  private Cell cell(Score s) {
    Double oracle = s.oracle() != null ? s.oracle() : valueOf(ORACLE, s);
    Double untouched = s.untouched() != null ? s.untouched() : valueOf(UNTOUCHED, s);
    return new Cell(
        s.metric(),
        s.split(),
        s.value(),
        s.spread(),
        s.seeds(),
        s.lower(),
        s.upper(),
        oracle,
        untouched,
        s.direction(),
        Closeness.of(s.direction(), s.value(), oracle, untouched, halfInterval(s)),
        s.n(),
        s.note());
  }

  private Double valueOf(String method, Score like) {
    return scores.stream()
        .filter(
            s ->
                s.method().equals(method)
                    && s.metric().equals(like.metric())
                    && s.split().equals(like.split()))
        .map(Score::value)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private static Double halfInterval(Score s) {
    return s.lower() == null || s.upper() == null ? null : (s.upper() - s.lower()) / 2;
  }
}
