package io.recant.jobs.report;

import io.recant.core.manifest.Manifest;
import io.recant.jobs.report.ReportData.CommittedStep;
import io.recant.jobs.report.ReportData.Count;
import java.util.List;

/** What was done to get here, from the manifests of the run. */
final class StepTrail {

  private StepTrail() {}

  /** The committed steps in the order given. */
  static List<CommittedStep> of(List<Manifest> manifests) {
    return manifests.stream().map(StepTrail::step).toList();
  }

  private static CommittedStep step(Manifest m) {
    return new CommittedStep(
        m.step(),
        m.started(),
        m.finished(),
        m.configHash(),
        m.seed(),
        m.inputs(),
        m.tables().entrySet().stream()
            .map(e -> new Count(e.getKey(), e.getValue().rows()))
            .toList(),
        m.artifacts().size(),
        m.artifacts().stream().mapToLong(Manifest.FileEntry::bytes).sum(),
        m.measures(),
        m.provenance(),
        m.config());
  }
}
