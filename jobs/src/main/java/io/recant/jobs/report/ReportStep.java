package io.recant.jobs.report;

import io.recant.core.error.StepException;
import io.recant.core.table.Table;
import io.recant.jobs.report.ReportData.Corpus;
import io.recant.jobs.report.ReportData.DetectionScore;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;

/**
 * Writes {@code report/index.html}: one file that opens anywhere, offline, and says what was found,
 * how sure that is, what was unlearned and how well, and from what all of it was made. Every table
 * may be empty; the page then says why a section is. Spark sends the driver groups, thinned curves
 * and the first few rows of a sort, so the page and the step's memory do not grow with the corpus.
 */
public final class ReportStep implements Step<ReportConfig> {

  @Override
  public String name() {
    return "report";
  }

  @Override
  public String summary() {
    return "Writes one HTML page with the run's results, evidence and provenance; opens offline.";
  }

  @Override
  public Class<ReportConfig> settings() {
    return ReportConfig.class;
  }

  @Override
  public Set<Table> reads(ReportConfig config) {
    return Set.of(
        Table.SAMPLES,
        Table.QUARANTINE,
        Table.INJECTIONS,
        Table.KNOWN_BAD,
        Table.FINDINGS,
        Table.DECISIONS,
        Table.FORGET,
        Table.REVIEW,
        Table.REPAIRS,
        Table.REPAIR_SCORES,
        Table.CHECKPOINTS,
        Table.TRAINING_LOG,
        Table.SCORES,
        Table.DETECTION_SCORES,
        Table.DETECTION_CURVES);
  }

  @Override
  public Set<Table> writes(ReportConfig config) {
    return Set.of();
  }

  @Override
  public void run(ReportConfig config, StepContext context) {
    byte[] page = ReportPage.of(data(config, context)).getBytes(StandardCharsets.UTF_8);
    Path folder = new Path(context.runDirectory().path(), "report");
    Path file = new Path(folder, "index.html");
    try {
      context.runDirectory().fileSystem().delete(file, false);
      context.runDirectory().create(file, page);
    } catch (IOException e) {
      throw new StepException("cannot write " + file + ": " + e.getMessage(), e);
    }
    context.measure("page_bytes", page.length);
    context.artifact(folder);
    context.progress().note("report: " + file);
  }

  private static ReportData data(ReportConfig config, StepContext context) {
    List<DetectionScore> scores = DetectionEvidence.scores(context);
    List<Corpus> corpora = RowFlow.of(context).corpora(scores);
    List<Corpus> shown = corpora.subList(0, Math.min(config.corpora(), corpora.size()));
    Set<String> names =
        shown.stream().map(Corpus::name).collect(Collectors.toCollection(LinkedHashSet::new));
    return new ReportData(
        config.title(),
        context.runDirectory().path().getName(),
        context.clock().instant(),
        shown,
        corpora.size() - shown.size(),
        DetectionEvidence.of(context, config, names, scores),
        RepairEvidence.scores(context, names),
        SuspiciousSamples.of(context, config, names),
        config.top(),
        ModelComparison.of(
            ModelScores.scores(context),
            ModelScores.costs(context),
            TrainingCurves.of(context, config.curvePoints())),
        StepTrail.of(context.runDirectory().manifests()));
  }
}
