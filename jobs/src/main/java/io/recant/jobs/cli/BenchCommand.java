package io.recant.jobs.cli;

import io.recant.core.config.PipelineConfig;
import io.recant.core.config.Strategy;
import io.recant.core.error.ConfigException;
import io.recant.core.error.StepException;
import io.recant.core.registry.Configured;
import io.recant.jobs.bench.BenchContext;
import io.recant.jobs.bench.Benchmark;
import io.recant.jobs.bench.Benchmarks;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.step.Step;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code recant bench}: a measurement that anybody can repeat. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures quality, speed and memory; prints the figures and writes them as Parquet.",
      "What there is to measure: recant list benchmarks"
    })
final class BenchCommand implements Callable<Integer> {

  @Parameters(paramLabel = "NAME", description = "Which benchmark, as in recant list benchmarks.")
  private String name;

  @Option(names = "--data", paramLabel = "DIR", description = "The folder that holds its data.")
  private Path data;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "runs/bench",
      description = "Where the figures go, and what is made on the way. Default: ${DEFAULT-VALUE}.")
  private Path out;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "The seed of whatever is drawn. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Changes a setting of the benchmark. May be given several times.")
  private List<String> settings = new ArrayList<>();

  @Option(
      names = "--small",
      description = "The form that takes minutes, where the benchmark has one: --set small=true.")
  private boolean small;

  @Option(
      names = "--master",
      paramLabel = "URL",
      description = "Spark's master when not started by spark-submit. Default: local[*].")
  private String master;

  private final Extensions extensions;
  private final PrintStream terminal;
  private final Clock clock = Clock.systemUTC();

  BenchCommand(Extensions extensions, PrintStream terminal) {
    this.extensions = extensions;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (small) {
      settings.add("small=true");
    }
    Configured<Benchmark<?>> benchmark =
        new Benchmarks()
            .registry()
            .configure(new Strategy(name, PipelineConfig.assigned(settings)), "bench");
    Path scratch = out.resolve(benchmark.name()).resolve("scratch");
    try {
      if (!benchmark.extension().goesOn()) {
        FileUtils.deleteDirectory(scratch.toFile());
      }
      Files.createDirectories(scratch);
    } catch (IOException e) {
      throw new StepException("bench: cannot write to " + scratch + ": " + e.getMessage(), e);
    }
    SparkSession spark = Session.spark("recant bench " + benchmark.name(), master);
    try {
      run(benchmark, new Context(spark, scratch));
    } finally {
      spark.stop();
    }
    terminal.println("The same as Parquet: " + out.resolve(benchmark.name()));
    return 0;
  }

  @SuppressWarnings("unchecked")
  private static <S extends Record> void run(
      Configured<Benchmark<?>> benchmark, BenchContext context) {
    ((Benchmark<S>) benchmark.extension()).run((S) benchmark.settings(), context);
  }

  private final class Context implements BenchContext {

    private final SparkSession spark;
    private final Path scratch;

    Context(SparkSession spark, Path scratch) {
      this.spark = spark;
      this.scratch = scratch;
    }

    @Override
    public SparkSession spark() {
      return spark;
    }

    @Override
    public Path data() {
      if (data == null) {
        throw new ConfigException("bench " + name + ": --data DIR is missing: where its data lies");
      }
      if (!Files.isDirectory(data)) {
        throw new ConfigException("--data " + data + ": there is no such folder");
      }
      return data;
    }

    @Override
    public Path scratch() {
      return scratch;
    }

    @Override
    public long seed() {
      return seed;
    }

    @Override
    public void note(String line) {
      terminal.println(line);
    }

    @Override
    public void table(String table, Dataset<Row> rows) {
      Path path = out.resolve(name).resolve(table);
      rows.coalesce(1).write().mode("overwrite").parquet(path.toString());
      TextTable text = new TextTable(rows.columns());
      for (Row row : spark.read().parquet(path.toString()).collectAsList()) {
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
          cells.add(ShowCommand.shown(row.get(i)));
        }
        text.row(cells.toArray(String[]::new));
      }
      terminal.println();
      terminal.println(table);
      text.print(terminal);
      terminal.println();
    }

    @Override
    public void page(String page, String html) {
      Path file = out.resolve(name).resolve(page + ".html");
      try {
        Files.writeString(file, html);
      } catch (IOException e) {
        throw new StepException("bench: cannot write " + file + ": " + e.getMessage(), e);
      }
      terminal.println("The same as a picture: " + file);
    }

    @Override
    public double seconds(Runnable work) {
      Instant started = clock.instant();
      work.run();
      return Duration.between(started, clock.instant()).toMillis() / 1000.0;
    }

    @Override
    public RunDirectory pipeline(String yaml, Step<?>... own) {
      return pipeline(yaml, terminal, own);
    }

    @Override
    public RunDirectory quietly(String yaml, Step<?>... own) {
      return pipeline(yaml, new PrintStream(OutputStream.nullOutputStream()), own);
    }

    private RunDirectory pipeline(String yaml, PrintStream terminal, Step<?>... own) {
      Map<String, Step<?>> steps = new LinkedHashMap<>();
      extensions.stepList().forEach(step -> steps.put(step.name(), step));
      List.of(own).forEach(step -> steps.put(step.name(), step));
      PipelineConfig config =
          PipelineConfig.parse(
              yaml,
              "bench " + name,
              List.of("run.root=" + scratch.resolve("runs").toAbsolutePath()),
              List.copyOf(steps.keySet()));
      if (own.length == 0) {
        Checks.check(config, extensions);
      }
      try (Session session = Session.open(config, master, extensions, terminal)) {
        List<Step<?>> known = List.copyOf(steps.values());
        config.steps().forEach(step -> session.run(steps.get(step), known));
        return session.run();
      }
    }
  }
}
