package io.recant.jobs.cli;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Several commands, one after the other, in a process of their own: a command line a line of a
 * file.
 */
final class CommandsProcess {

  private CommandsProcess() {}

  /** What the process printed, by stream. */
  record Printed(String out, String err) {}

  /** Runs the commands and says the status of each. */
  public static void main(String[] args) throws IOException {
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      int status = CommandLineProgram.run(line.split(" "), System.out, System.err);
      System.out.println("status " + status);
    }
  }

  /**
   * Starts the process and waits for its end.
   *
   * @param properties system properties, Spark's among them
   */
  static Printed run(Path folder, Map<String, String> properties, List<String> commands)
      throws IOException, InterruptedException {
    Path file = Files.write(folder.resolve("commands"), commands);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens"))
        .forEach(command::add);
    command.addAll(List.of("-Xmx1g", "-XX:TieredStopAtLevel=1"));
    properties.forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(CommandsProcess.class.getName(), file.toString()));
    File out = folder.resolve("out").toFile();
    File err = folder.resolve("err").toFile();
    ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(out).redirectError(err);
    builder.environment().put("DJL_OFFLINE", "true");
    builder.environment().put("OPT_OUT_TRACKING", "true");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    Process process = builder.start();
    try {
      if (!process.waitFor(300, TimeUnit.SECONDS)) {
        throw new AssertionError("no end:\n" + Files.readString(err.toPath()));
      }
    } finally {
      process.destroyForcibly();
    }
    return new Printed(Files.readString(out.toPath()), Files.readString(err.toPath()));
  }
}
