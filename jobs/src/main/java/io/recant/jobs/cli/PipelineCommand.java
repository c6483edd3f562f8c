package io.recant.jobs.cli;

import io.recant.core.config.PipelineConfig;
import io.recant.spark.observe.Activity;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code recant pipeline}: every step a configuration names, in order, in one Spark application.
 */
@Command(
    name = "pipeline",
    mixinStandardHelpOptions = true,
    description = {
      "Runs every step a configuration names, in order.",
      "Steps that are committed already are left alone, so a run that was stopped goes on where it stopped."
    })
class PipelineCommand implements Callable<Integer> {

  @Mixin private RunOptions options;

  private final Extensions extensions;
  private final PrintStream out;

  PipelineCommand(Extensions extensions, PrintStream out) {
    this.extensions = extensions;
    this.out = out;
  }

  /** The configuration to use when the command line names none. */
  String defaultConf() {
    return null;
  }

  @Override
  public Integer call() {
    PipelineConfig config = options.load(extensions, defaultConf());
    Checks.check(config, extensions);
    try (Session session = Session.open(config, options.master(), extensions, out)) {
      boolean ran = false;
      for (String step : config.steps()) {
        ran |= session.run(extensions.steps().get(step, "steps"));
      }
      if (!ran) {
        out.println(
            "Every step of run '"
                + config.run().id()
                + "' was committed already; --run-id NAME runs anew.");
      }
      try (Activity activity = Activity.of(session.spark().sparkContext(), "summary")) {
        new Summary(session, out).print();
      }
    }
    return 0;
  }
}
