package io.recant.jobs.ingest;

import io.recant.core.config.Setting;
import io.recant.core.config.Strategy;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The {@code ingest} section. */
public record IngestConfig(
    @Setting("The corpora to read") List<Corpus> corpora,
    @Setting(
            value =
                "The step fails when more than this share of the rows read has to be quarantined",
            defaultValue = "0.01",
            min = 0,
            max = 1)
        double maxQuarantine,
    @Setting(value = "Longer rows are quarantined, in bytes", defaultValue = "1048576", min = 16)
        int maxRowBytes) {

  /** What a model does with the samples of a corpus. */
  public enum Task {
    CLASSIFICATION,
    GENERATION
  }

  /** One corpus. */
  public record Corpus(
      @Setting("Name of the corpus in every table; it names folders") String name,
      @Setting("classification or generation") Task task,
      @Setting("Where the rows come from; see 'recant list sources'") Strategy source,
      @Setting(
              value =
                  "Which column of the source is which: id, input, target, context, entity, split, probabilities,"
                      + " embedding, annotator. One left out is looked for under its own name; others go to meta",
              defaultValue = "{}")
          Map<String, String> columns,
      @Setting(
              value = "Share of rows set aside as split test, where the source has no split column",
              defaultValue = "0.1",
              min = 0,
              max = 0.9)
          double testShare,
      @Setting(
              value = "Take only this many rows, drawn by hash with the seed",
              defaultValue = "null",
              min = 1)
          Optional<Integer> limit,
      @Setting(
              value =
                  "The classes in the order of given probabilities; left out: the targets there are, sorted",
              defaultValue = "[]")
          List<String> classes) {}
}
