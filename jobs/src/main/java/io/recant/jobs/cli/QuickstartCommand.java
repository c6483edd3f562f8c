package io.recant.jobs.cli;

import java.io.PrintStream;
import picocli.CommandLine.Command;

/** {@code recant quickstart}: the pipeline of {@code conf/quickstart.yaml}, and nothing else. */
@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    description = {
      "Runs the whole pipeline on the embedded corpus: 'pipeline --conf quickstart.yaml'.",
      "20,000 dictionary definitions with labels damaged on purpose, and a small language model that was told wrong",
      "definitions: found, unlearned, and measured against models that never saw the damage."
    })
final class QuickstartCommand extends PipelineCommand {

  QuickstartCommand(Extensions extensions, PrintStream out) {
    super(extensions, out);
  }

  @Override
  String defaultConf() {
    return "quickstart.yaml";
  }
}
