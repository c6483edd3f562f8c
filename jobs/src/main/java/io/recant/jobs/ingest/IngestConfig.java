package io.recant.jobs.ingest;

import io.recant.core.config.Setting;
import io.recant.core.config.Strategy;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The section {@code ingest}. */
public record IngestConfig(
    @Setting("The corpora to read") List<Corpus> corpora,
    @Setting(
            value = "The largest share of a corpus's rows that may go to quarantine",
            defaultValue = "0.01",
            min = 0,
            max = 1)
        double maxQuarantine,
    @Setting(
            value = "The longest row that is read, in bytes",
            defaultValue = "1048576",
            min = 16,
            max = 1 << 30)
        int maxRowBytes,
    @Setting(
            value =
                "How many times its own length a compressed file, or a page of Parquet, may hold;"
                    + " what holds less than 64 MiB is read in any case",
            defaultValue = "200",
            min = 1)
        int maxExpansion) {

  /** What a sample of a corpus asks for. */
  public enum Task {
    /** The target is one of a closed list of classes. */
    CLASSIFICATION,
    /** The target is a text. */
    GENERATION;

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A corpus. */
  public record Corpus(
      @Setting("Its name: a folder in every table, so letters, digits, '.', '_' and '-'")
          String name,
      @Setting("classification (the target is a class) or generation (the target is a text)")
          Task task,
      @Setting("Where it comes from; see 'recant list sources'") Strategy source,
      @Setting(value = "Which column of the source is what", defaultValue = "{}") Columns columns,
      @Setting(
              value =
                  "The share of rows drawn for the test split, by a hash of seed and sample; where"
                      + " a row states its split, that counts",
              defaultValue = "0.1",
              min = 0,
              max = 1)
          double testShare,
      @Setting(
              value = "Draw this many samples, by a hash of seed and sample; all when left out",
              defaultValue = "null",
              min = 1)
          Optional<Long> limit,
      @Setting(
              value =
                  "The classes in the order of the probabilities; when empty the targets that"
                      + " occur, sorted",
              defaultValue = "[]")
          List<String> classes,
      @Setting(
              value =
                  "Which rows somebody knows to be bad: they are forgotten, and detect looks for"
                      + " more of their kind",
              defaultValue = "null")
          Optional<KnownBad> knownBad) {

    public Corpus {
      if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
        throw new IllegalArgumentException("name: '" + name + "' cannot name a folder");
      }
      if (!classes.isEmpty() && task != Task.CLASSIFICATION) {
        throw new IllegalArgumentException("classes: only a classification corpus has classes");
      }
      if (new HashSet<>(classes).size() < classes.size()) {
        throw new IllegalArgumentException("classes: a class is listed twice");
      }
      if (columns.probabilities().isPresent() && task != Task.CLASSIFICATION) {
        throw new IllegalArgumentException(
            "columns.probabilities: only a classification corpus has probabilities");
      }
    }
  }
}
