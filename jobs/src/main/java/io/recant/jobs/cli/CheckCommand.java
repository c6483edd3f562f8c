package io.recant.jobs.cli;

import io.recant.core.config.PipelineConfig;
import io.recant.core.config.SettingsBinder;
import io.recant.core.manifest.Json;
import io.recant.core.redact.Redaction;
import io.recant.spark.step.Step;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code recant check}: a configuration, without running it. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description =
        "Checks a configuration without running it, and prints it with every default filled in.")
final class CheckCommand implements Callable<Integer> {

  @Mixin private RunOptions options;

  private final Extensions extensions;
  private final PrintStream out;

  CheckCommand(Extensions extensions, PrintStream out) {
    this.extensions = extensions;
    this.out = out;
  }

  @Override
  public Integer call() {
    PipelineConfig config = options.load(extensions, null);
    Checks.check(config, extensions);
    for (String name : config.steps()) {
      Step<?> step = extensions.steps().get(name, "steps");
      Record settings = SettingsBinder.bind(config.section(name), step.settings(), name);
      out.println(
          name
              + ": "
              + new String(
                  Json.bytes(Redaction.tree(SettingsBinder.unbind(settings))),
                  StandardCharsets.UTF_8));
    }
    for (String name : config.steps()) {
      advice(config, extensions.steps().get(name, "steps"))
          .forEach(advice -> out.println("For " + name + ": " + Redaction.uris(advice)));
    }
    out.println("The configuration is good: " + String.join(" -> ", config.steps()));
    return 0;
  }

  private static <C extends Record> List<String> advice(PipelineConfig config, Step<C> step) {
    C settings = SettingsBinder.bind(config.section(step.name()), step.settings(), step.name());
    return step.advice(settings, new Configuration());
  }
}
