package io.recant.jobs.bench;

import io.recant.core.config.Setting;
import io.recant.spark.run.RunDirectory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Corrective unlearning from a clue: how well methods bring a model back when a share of what was
 * done to its corpus is known, and how well when what is like the known is looked for first. Every
 * run keeps its tables, and what is committed is not done again: a benchmark that was broken off
 * goes on where it was.
 */
public final class CorrectiveBenchmark implements Benchmark<CorrectiveBenchmark.Settings> {

  private static final List<Double> SMALL_SHARES = List.of(0.1, 1.0);
  private static final List<String> SMALL_METHODS =
      List.of("correct", "finetune", "scrub", "ssd", "bad-teacher");

  /** Settings of {@code corrective}. */
  public record Settings(
      @Setting(
              value =
                  "Corpora and what is done to them: a trigger, or two classes confused. Those of"
                      + " pictures are read from --data (mnist, cifar10); supersense comes along",
              defaultValue =
                  "[mnist-trigger, mnist-confusion, supersense-trigger, supersense-confusion,"
                      + " cifar10-trigger, cifar10-confusion]")
          List<String> corpora,
      @Setting(
              value = "Shares of the damage that are known; with 1 nothing is left to look for",
              defaultValue = "[0.1, 0.2, 0.4, 0.6, 0.8, 1]")
          List<Double> known,
      @Setting(
              value = "Unlearning methods, beside training anew without what is flagged",
              defaultValue = "[correct, finetune, cf-k, eu-k, scrub, bad-teacher, ssd, potion]")
          List<String> methods,
      @Setting(
              value =
                  "Models are trained with each of these seeds, and what is known is drawn anew with"
                      + " each",
              defaultValue = "[0, 1, 2]")
          List<Long> seeds,
      @Setting(
              value =
                  "The share of the known rows that are good ones with targets like those of bad"
                      + " ones: a clue that is partly wrong",
              defaultValue = "0",
              min = 0,
              max = 0.9)
          double wrong,
      @Setting(
              value =
                  "Minutes, and no data: supersense alone, 10,000 rows, a tenth known and all, one"
                      + " seed, five methods; what else is set counts",
              defaultValue = "false")
          boolean small) {

    public Settings {
      if (known.stream().anyMatch(share -> !(share > 0 && share <= 1))) {
        throw new IllegalArgumentException(
            "known: " + known + " are not all shares, above 0 and up to 1");
      }
    }

    private Settings smaller() {
      return new Settings(
          corpora.stream().filter(corpus -> corpus.startsWith("supersense")).toList(),
          known.stream().filter(SMALL_SHARES::contains).toList(),
          methods.stream().filter(SMALL_METHODS::contains).toList(),
          seeds.subList(0, Math.min(1, seeds.size())),
          wrong,
          true);
    }
  }

  @Override
  public String name() {
    return "corrective";
  }

  @Override
  public String summary() {
    return "Unlearning from a clue: accuracy over the share of the damage that is known, with and without detection.";
  }

  @Override
  public String source() {
    return "Goel et al., Corrective Machine Unlearning, TMLR 2024";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean goesOn() {
    return true;
  }

  @Override
  public void run(Settings settings, BenchContext context) {
    Settings wanted = settings.small() ? settings.smaller() : settings;
    List<Row> methods = new ArrayList<>();
    List<Row> found = new ArrayList<>();
    for (String name : wanted.corpora()) {
      ManipulatedCorpus corpus = ManipulatedCorpus.of(name, wanted.small(), context);
      for (CorrectiveRuns run : runs(corpus, wanted, context)) {
        methods.addAll(run.methods(context.spark()));
        if (run.expanded()) {
          found.addAll(run.found(context.spark()));
        }
      }
    }
    Dataset<Row> ofMethods = context.spark().createDataFrame(methods, CorrectiveRuns.METHODS);
    Dataset<Row> ofFound = context.spark().createDataFrame(found, CorrectiveRuns.FOUND);
    context.table("methods", ofMethods);
    context.table("found", ofFound);
    context.page("report", CorrectivePage.of(lines(ofMethods), lines(ofFound)));
  }

  private static List<CorrectiveRuns> runs(
      ManipulatedCorpus corpus, Settings settings, BenchContext context) {
    String id = (settings.small() ? "small-" : "") + corpus.name();
    context.note(corpus.name() + ": all of the damage is known");
    RunDirectory whole =
        context.quietly(
            corpus.everythingKnown(
                id,
                context.seed(),
                settings.seeds(),
                settings.methods(),
                settings.known().contains(1.0)));
    List<CorrectiveRuns> runs = new ArrayList<>();
    for (double share : settings.known()) {
      if (share == 1) {
        runs.add(
            new CorrectiveRuns(
                corpus.name(),
                share,
                0,
                false,
                new TreeMap<>(Map.of(settings.seeds().get(0), whole))));
        continue;
      }
      for (boolean expanded : new boolean[] {false, true}) {
        ManipulatedCorpus.Clue clue =
            new ManipulatedCorpus.Clue(whole.path().toString(), share, settings.wrong(), expanded);
        SortedMap<Long, RunDirectory> bySeed = new TreeMap<>();
        for (long seed : settings.seeds()) {
          bySeed.put(seed, partlyKnown(corpus, id, clue, seed, settings, context));
        }
        runs.add(new CorrectiveRuns(corpus.name(), share, settings.wrong(), expanded, bySeed));
      }
    }
    return runs;
  }

  /** With a clue of its own: how much a tenth of the damage tells depends on which it is. */
  private static RunDirectory partlyKnown(
      ManipulatedCorpus corpus,
      String id,
      ManipulatedCorpus.Clue clue,
      long seed,
      Settings settings,
      BenchContext context) {
    context.note(
        String.format(
            Locale.ROOT,
            "%s, seed %d: %.0f %% are known, %s",
            corpus.name(),
            seed,
            100 * clue.share(),
            clue.expanded() ? "and more is looked for" : "and that is all"));
    String run =
        String.format(
            Locale.ROOT,
            "%s-%.3f%s%s-seed-%d",
            id,
            clue.share(),
            clue.expanded() ? "-expanded" : "-clue",
            clue.wrong() > 0 ? String.format(Locale.ROOT, "-wrong-%.3f", clue.wrong()) : "",
            seed);
    return context.quietly(
        corpus.partlyKnown(run, context.seed() + seed, List.of(seed), settings.methods(), clue),
        new KnownPart());
  }

  /** Rows by the names of their columns; null where a column is. */
  private static List<Map<String, Object>> lines(Dataset<Row> table) {
    List<Map<String, Object>> lines = new ArrayList<>();
    for (Row row : table.collectAsList()) {
      Map<String, Object> line = new LinkedHashMap<>();
      for (String column : table.columns()) {
        line.put(column, row.getAs(column));
      }
      lines.add(line);
    }
    return lines;
  }
}
