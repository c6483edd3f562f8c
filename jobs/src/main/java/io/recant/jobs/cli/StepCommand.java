package io.recant.jobs.cli;

import io.recant.core.config.PipelineConfig;
import io.recant.spark.step.Step;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** One step by itself, as a scheduler runs it. */
@Command(mixinStandardHelpOptions = true)
final class StepCommand implements Callable<Integer> {

  @Mixin private RunOptions options;

  private final Step<?> step;
  private final Extensions extensions;
  private final PrintStream out;

  StepCommand(Step<?> step, Extensions extensions, PrintStream out) {
    this.step = step;
    this.extensions = extensions;
    this.out = out;
  }

  @Override
  public Integer call() {
    PipelineConfig config = options.load(extensions, null);
    Checks.check(config, extensions);
    try (Session session = Session.open(config, options.master(), extensions, out)) {
      session.run(step);
    }
    return 0;
  }
}
