package io.recant.spark.cluster;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A driver in a process of its own, which never outlives the test that began it. */
final class Driver implements AutoCloseable {

  private final Process process;
  private final Path log;

  private Driver(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /** Begins {@link ClusterProgram} with a local Spark. */
  static Driver local(Path work, String... args) throws IOException {
    List<String> command = java(work);
    command.add("-Dspark.master=local[2]");
    command.add(ClusterProgram.class.getName());
    return begin(work, command, null, args);
  }

  /**
   * Begins {@link ClusterProgram} through spark-submit, with two executors in processes of their
   * own.
   */
  static Driver cluster(Path work, String... args) throws IOException {
    return submit(work, ClusterProgram.class, "local-cluster[2,1,1024]", Map.of(), args);
  }

  /**
   * Begins a program through spark-submit, with executors in processes of their own.
   *
   * @param work made to look like a Spark distribution: its {@code jars} are those of the class
   *     path
   * @param settings further settings of Spark
   */
  static Driver submit(
      Path work, Class<?> program, String master, Map<String, String> settings, String... args)
      throws IOException {
    Path home = Files.createDirectories(work.resolve("spark-home"));
    Path jars = Files.createDirectories(home.resolve("jars"));
    List<String> folders = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (Files.isRegularFile(path)) {
        Files.createSymbolicLink(jars.resolve(path.getFileName()), path);
      } else if (Files.isDirectory(path)) {
        folders.add(entry);
      }
    }
    Files.writeString(home.resolve("RELEASE"), "");
    Path application = emptyJar(work.resolve("application.jar"));
    List<String> command = java(work);
    command.add("org.apache.spark.deploy.SparkSubmit");
    command.addAll(List.of("--master", master));
    command.addAll(List.of("--conf", "spark.driver.host=127.0.0.1"));
    command.addAll(List.of("--conf", "spark.scheduler.minRegisteredResourcesRatio=1.0"));
    command.addAll(List.of("--conf", "spark.locality.wait=0"));
    command.addAll(
        List.of(
            "--conf", "spark.executor.extraJavaOptions=-XX:+UseSerialGC -XX:TieredStopAtLevel=1"));
    command.addAll(
        List.of(
            "--conf", "spark.executor.extraClassPath=" + String.join(File.pathSeparator, folders)));
    settings.forEach((key, value) -> command.addAll(List.of("--conf", key + "=" + value)));
    command.addAll(List.of("--class", program.getName(), application.toString()));
    return begin(work, command, home, args);
  }

  /** Waits for the end; fails with the log when it takes too long or goes wrong. */
  void await(long seconds) throws IOException, InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      throw new AssertionError("no end after " + seconds + " s:\n" + Files.readString(log));
    }
    if (process.exitValue() != 0) {
      throw new AssertionError("exit " + process.exitValue() + ":\n" + Files.readString(log));
    }
  }

  /** Waits until a file is there. */
  void awaitFile(Path file, long seconds) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!Files.exists(file)) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new AssertionError("no " + file + ":\n" + Files.readString(log));
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** Kills the process and its executors, as a machine that loses power would. */
  void kill() throws InterruptedException {
    List<ProcessHandle> executors = process.descendants().toList();
    process.destroyForcibly();
    executors.forEach(ProcessHandle::destroyForcibly);
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new AssertionError("process " + process.pid() + " does not die");
    }
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }

  private static Driver begin(Path work, List<String> command, Path home, String... args)
      throws IOException {
    command.addAll(List.of(args));
    Path log = work.resolve("driver-" + System.nanoTime() + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().put("SPARK_LOCAL_DIRS", work.resolve("local").toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().remove("SPARK_CONF_DIR");
    if (home == null) {
      builder.environment().remove("SPARK_HOME");
    } else {
      builder.environment().put("SPARK_HOME", home.toString());
    }
    return new Driver(builder.start(), log);
  }

  private static List<String> java(Path work) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--add-opens"))
        .forEach(command::add);
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-Djava.io.tmpdir=" + work));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    return command;
  }

  private static Path emptyJar(Path jar) throws IOException {
    try (var out =
        new java.util.jar.JarOutputStream(
            Files.newOutputStream(jar), new java.util.jar.Manifest())) {
      out.finish();
    }
    return jar;
  }
}
