package io.recant.jobs.score;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A model of the run, and what it was found to be.
 *
 * @param method how it was made
 * @param sha256 hash of its weights
 * @param rows hash of what was read off it, in {@code rowsFile}; null before that
 * @param scores empty before it was scored
 */
record ScoredModel(
    String model,
    String method,
    long seed,
    String sha256,
    String rows,
    String rowsFile,
    List<ScoringCell.Score> scores) {

  /** The method name of the model before unlearning. */
  static final String UNTOUCHED = "victim";

  /** The method name of the model that training with the bad data began with. */
  static final String BASE = "base";

  /** The method name of the model that never saw the bad data. */
  private static final String ORACLE = "oracle";

  /** The method name of the model that never saw the forget set. */
  private static final String RETRAINED = "retrained";

  String id() {
    return model + "." + method + "." + seed;
  }

  ScoredModel read(String hash) {
    return new ScoredModel(model, method, seed, sha256, hash, rowsFile, scores);
  }

  ScoredModel scored(List<ScoringCell.Score> found) {
    return new ScoredModel(model, method, seed, sha256, rows, rowsFile, found);
  }

  /**
   * What every score is given beside: the oracle's, or where there is none the retrained model's.
   */
  Optional<ScoredModel> judge(List<ScoredModel> all) {
    return sibling(all, ORACLE).or(() -> sibling(all, RETRAINED));
  }

  /**
   * The model whose answers this one's are compared with row by row: the retrained one, which never
   * saw the forget set, or where there is none the oracle. Such a model is itself compared with
   * that of another seed, where there is one: how unlike two of them are is what luck does.
   */
  Optional<ScoredModel> reference(List<ScoredModel> all) {
    return Stream.of(RETRAINED, ORACLE)
        .flatMap(
            name -> {
              Optional<ScoredModel> another =
                  name.equals(method)
                      ? first(all, name, other -> other.seed() != seed)
                      : Optional.empty();
              return another.or(() -> sibling(all, name)).stream();
            })
        .findFirst();
  }

  /** The model made that way: of the same seed where there is one, else of any. */
  Optional<ScoredModel> sibling(List<ScoredModel> all, String made) {
    return first(all, made, other -> other.seed() == seed).or(() -> first(all, made, o -> true));
  }

  private Optional<ScoredModel> first(
      List<ScoredModel> all, String made, Predicate<ScoredModel> which) {
    return all.stream()
        .filter(other -> other.model().equals(model) && other.method().equals(made))
        .filter(which)
        .findFirst();
  }

  /** The value of the same measure on the same rows. */
  Optional<Double> value(ScoringCell.Score like) {
    return scores.stream()
        .filter(s -> s.metric().equals(like.metric()) && s.split().equals(like.split()))
        .findFirst()
        .map(ScoringCell.Score::value);
  }
}
