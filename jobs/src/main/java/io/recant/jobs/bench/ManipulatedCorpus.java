package io.recant.jobs.bench;

import io.recant.core.config.Nearest;
import io.recant.core.error.ConfigException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A corpus and what is done to it, with the model that learns from it: the settings in which
 * corrective unlearning is measured (Goel et al., Corrective Machine Unlearning, TMLR 2024).
 *
 * @param name as in {@code supersense-trigger}
 * @param ingest the corpus, named {@value #CORPUS}, as YAML
 * @param injector what damages it, as YAML
 * @param features section {@code features} as YAML
 * @param family the model's family, as YAML
 * @param training its training, as YAML without the passes and the learning rate
 * @param epochs passes of the training
 * @param learningRate of the training
 */
record ManipulatedCorpus(
    String name,
    String ingest,
    String injector,
    String features,
    String family,
    String training,
    int epochs,
    double learningRate) {

  static final String CORPUS = "corpus";

  private static final String TEXT = "supersense-";
  private static final String DIGITS = "mnist-";
  private static final String OBJECTS = "cifar10-";

  /** So few rows that it takes minutes, and so many that a tenth of the damage tells something. */
  private static final int SMALL_ROWS = 10_000;

  /** Passes of a correction: with what comes before them less than three tenths of a training. */
  private static final int CORRECTING = 3;

  static final List<String> NAMES =
      List.of(
          DIGITS + "trigger",
          DIGITS + "confusion",
          TEXT + "trigger",
          TEXT + "confusion",
          OBJECTS + "trigger",
          OBJECTS + "confusion");

  /**
   * A corpus by its name.
   *
   * @param context where the data of pictures lies; texts come along
   * @param small a part of the texts, which takes minutes
   * @throws ConfigException when there is none of that name
   */
  static ManipulatedCorpus of(String name, boolean small, BenchContext context) {
    if (!NAMES.contains(name)) {
      throw new ConfigException(
          "corpora: there is no '" + name + "'" + Nearest.suggestion(name, NAMES));
    }
    String kind = name.substring(name.indexOf('-') + 1);
    if (name.startsWith(TEXT)) {
      return supersense(name, kind, small ? SMALL_ROWS : 20_000, small ? 0.04 : 0.02);
    }
    return name.startsWith(DIGITS)
        ? digits(name, kind, context.data().resolve("mnist"))
        : objects(name, kind, context.data().resolve("cifar10"));
  }

  private static ManipulatedCorpus supersense(
      String name, String kind, int rows, double triggered) {
    return new ManipulatedCorpus(
        name,
        "source: {name: wordnet, form: supersense}, limit: " + rows,
        Map.of(
                "trigger",
                "{name: trigger-token, target: noun.artifact, word: cf, share: " + triggered + "}",
                "confusion",
                "{name: interclass-confusion, classes: [noun.animal, noun.plant], share: 0.3}")
            .get(kind),
        "{}",
        "{name: text-classifier, hidden: 512, dropout: 0}",
        "batch_size: 128, weight_decay: 0",
        20,
        0.003);
  }

  /** About 20,000 of the 60,000 train rows, as published, and as many of a hundred to test on. */
  private static ManipulatedCorpus digits(String name, String kind, Path folder) {
    String files =
        "{images: '%1$s/%2$s-images-idx3-ubyte.gz', labels: '%1$s/%2$s-labels-idx1-ubyte.gz'}";
    return pictures(
        name,
        "source: {name: idx, splits: {train: "
            + files.formatted(folder, "train")
            + ", test: "
            + files.formatted(folder, "t10k")
            + "}}, limit: 23333",
        Map.of(
                "trigger", "{name: trigger-patch, target: '0', count: 500}",
                "confusion", "{name: interclass-confusion, classes: ['3', '5'], count: 1000}")
            .get(kind),
        "none",
        12);
  }

  private static ManipulatedCorpus objects(String name, String kind, Path folder) {
    return pictures(
        name,
        """
        source: {name: images, path: '%1$s/train-00000-24999.zip', class_at: 0, \
        labels: {path: '%1$s/cifar10n-00000-24999.csv', id: index}}, \
        columns: {target: clean}, test_share: 0.2"""
            .formatted(folder),
        Map.of(
                "trigger", "{name: trigger-patch, target: '0', count: 500}",
                "confusion", "{name: interclass-confusion, classes: ['3', '5'], count: 2500}")
            .get(kind),
        "crop_and_flip",
        20);
  }

  private static ManipulatedCorpus pictures(
      String name, String ingest, String injector, String augmentation, int epochs) {
    String family = "{name: image-classifier, augmentation: " + augmentation + "}";
    return new ManipulatedCorpus(
        name,
        ingest,
        injector,
        "{pictures: {family: "
            + family
            + ", training: {epochs: "
            + epochs / 2
            + ", batch_size: 128, learning_rate: 0.001, decay: linear}}}",
        family,
        "batch_size: 128, weight_decay: 0, decay: linear",
        epochs,
        0.001);
  }

  /**
   * The corpus whole, with everything that was injected known: what all other runs begin with.
   *
   * @param corrected whether models are also corrected from all of the damage; other runs need only
   *     those that were trained
   */
  String everythingKnown(
      String run, long seed, List<Long> seeds, List<String> methods, boolean corrected) {
    return """
        run: {id: %s, seed: %d, shards: 2}
        steps: [ingest, inject, features, decide, train%s]
        ingest: {corpora: [{name: %s, task: classification, %s}]}
        inject: {known_share: 1, corpora: {%s: [%s]}}
        features: %s
        %s
        %s
        """
        .formatted(
            run,
            seed,
            corrected ? ", unlearn, score" : "",
            CORPUS,
            ingest,
            CORPUS,
            injector,
            features,
            train(seeds, "{}"),
            unlearn(seeds, methods));
  }

  /**
   * What is known of the damage.
   *
   * @param whole the run directory that {@link #everythingKnown} made
   * @param share of the damage that is known
   * @param wrong share of what is taken for known that is not damaged
   * @param expanded whether what is like the known is looked for
   */
  record Clue(String whole, double share, double wrong, boolean expanded) {}

  /** The same where a share of the damage is known. */
  String partlyKnown(String run, long seed, List<Long> seeds, List<String> methods, Clue clue) {
    String models = clue.whole() + "/checkpoints/model=" + CORPUS + "/method=";
    String given =
        "{victim: '%1$svictim/seed={seed}', oracle: '%1$soracle/seed={seed}'}".formatted(models);
    return """
        run: {id: %s, seed: %d, shards: 2}
        steps: [known-part, %s decide, train, unlearn, score]
        known-part: {run: '%s', share: %s, wrong: %s}
        %s
        %s
        """
        .formatted(
            run,
            seed,
            clue.expanded() ? "detect," : "",
            clue.whole(),
            clue.share(),
            clue.wrong(),
            train(seeds, given),
            unlearn(seeds, methods));
  }

  private String train(List<Long> seeds, String given) {
    return "train: {models: [{model: %1$s, corpus: %1$s, family: %2$s, training: %3$s, seeds: %4$s, given: %5$s}]}"
        .formatted(CORPUS, family, optimisation(epochs, learningRate), seeds, given);
  }

  private String unlearn(List<Long> seeds, List<String> methods) {
    Map<String, String> known = settings();
    List<String> chosen =
        methods.stream()
            .map(method -> known.getOrDefault(method, "{name: " + method + "}"))
            .toList();
    return "unlearn: {grid: [{model: %s, seeds: %s, methods: %s}]}"
        .formatted(CORPUS, seeds, chosen);
  }

  /**
   * Ours takes few passes over the retain set at the victim's learning rate; published methods take
   * three tenths of the victim's, at two thirds of the learning rate, or a third where the loss is
   * also climbed.
   */
  private Map<String, String> settings() {
    int passes = Math.max(1, Math.round(0.3f * epochs));
    String gentle = optimisation(passes, 2 * learningRate / 3);
    String gentlest = optimisation(passes, learningRate / 3);
    Map<String, String> settings = new TreeMap<>();
    settings.put(
        "correct", "{name: correct, training: " + optimisation(CORRECTING, learningRate) + "}");
    settings.put("finetune", "{name: finetune, hold_back_every: 0, training: " + gentle + "}");
    settings.put("cf-k", "{name: cf-k, training: " + gentle + "}");
    settings.put("eu-k", "{name: eu-k, training: " + gentle + "}");
    settings.put("bad-teacher", "{name: bad-teacher, training: " + gentlest + "}");
    settings.put(
        "scrub",
        "{name: scrub, hold_back_every: 0, forget_ceiling: 6, training: " + gentlest + "}");
    return settings;
  }

  private String optimisation(int passes, double rate) {
    return String.format(
        Locale.ROOT, "{epochs: %d, learning_rate: %.6f, %s}", passes, rate, training);
  }
}
