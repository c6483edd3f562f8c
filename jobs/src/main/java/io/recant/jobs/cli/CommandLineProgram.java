package io.recant.jobs.cli;

import io.recant.core.error.ExitCode;
import io.recant.core.error.RecantException;
import io.recant.core.redact.Redaction;
import io.recant.spark.step.Step;
import java.io.PrintStream;
import java.io.PrintWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command line: one subcommand per step beside the fixed ones, and every error turned into an
 * exit status.
 */
@Command(
    name = "recant",
    description = {
      "Finds what a model should never have learned, makes it unlearn that, and proves it.",
      "",
      "Start with: @|bold recant quickstart|@"
    },
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {
      "",
      "Exit status: 0 done, 64 wrong use or configuration, 65 bad input data, 70 the job failed, 75 try again later."
    })
public final class CommandLineProgram {

  private static final Logger LOG = LoggerFactory.getLogger(CommandLineProgram.class);

  private CommandLineProgram() {}

  /** Runs a command and returns its exit status; never exits the process. */
  public static int run(String[] args, PrintStream out, PrintStream err) {
    CommandLine program = new CommandLine(new CommandLineProgram());
    Extensions extensions = Extensions.load();
    program.addSubcommand(new QuickstartCommand(extensions, out));
    program.addSubcommand(new PipelineCommand(extensions, out));
    for (Step<?> step : extensions.steps().all()) {
      CommandLine command = new CommandLine(new StepCommand(step, extensions, out));
      command.getCommandSpec().usageMessage().description(step.summary());
      program.addSubcommand(step.name(), command);
    }
    program.addSubcommand(new ListCommand(extensions, out));
    program.addSubcommand(new ShowCommand(extensions, out));
    program.addSubcommand(new CheckCommand(extensions, out));
    program.addSubcommand(new BenchCommand(extensions, out));
    program.setOut(new PrintWriter(out, true));
    program.setErr(new PrintWriter(err, true));
    program.setExecutionExceptionHandler((e, commandLine, parsed) -> report(e, err));
    program.setParameterExceptionHandler(CommandLineProgram::wrongUse);
    if (args.length == 0) {
      program.usage(err);
      return ExitCode.USAGE.number();
    }
    return program.execute(args);
  }

  private static int report(Exception e, PrintStream err) {
    if (e instanceof RecantException known) {
      err.println("recant: " + TerminalText.lines(known.getMessage()));
      LOG.debug("where it was raised: {}", Redaction.trace(known));
      return known.exitCode().number();
    }
    String message = Redaction.text(e.toString());
    err.println("recant: the job failed unexpectedly: " + TerminalText.lines(message));
    LOG.error("unexpected failure: {}", Redaction.trace(e));
    return ExitCode.FAILED.number();
  }

  private static int wrongUse(CommandLine.ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    command.getErr().println("recant: " + Redaction.text(e.getMessage()));
    CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr());
    command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.USAGE.number();
  }
}
