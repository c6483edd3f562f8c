package io.recant.jobs.features;

import io.recant.core.config.Setting;
import io.recant.core.config.Strategy;
import io.recant.jobs.cells.CellSettings;
import io.recant.ml.head.HeadTraining;
import io.recant.ml.train.OptimizationSettings;
import io.recant.spark.grid.DeviceChoice;
import java.io.Serializable;

/** The {@code features} section. */
public record FeaturesConfig(
    @Setting(value = "The sentence-embedding model and how it runs", defaultValue = "{}")
        EmbeddingModel embedding,
    @Setting(
            value = "Folds of the out-of-sample predictions: of heads, and of models of pictures",
            defaultValue = "5",
            min = 2,
            max = 50)
        int folds,
    @Setting(
            value =
                "How often the folds are drawn anew; predictions are averaged. 0 = from 2 to 10 times,"
                    + " the oftener the fewer rows a corpus has: 20,000 over their number",
            defaultValue = "0",
            min = 0,
            max = 20)
        int repeats,
    @Setting(
            value = "The head trained on the vectors of the other folds",
            defaultValue =
                "{hidden: 512, dropout: 0.5, training: {epochs: 8, batch_size: 256, learning_rate: 0.002, decay: linear,"
                    + " warmup: 0}}")
        HeadTraining.Settings head,
    @Setting(value = "The models that tell what detectors look at in pictures", defaultValue = "{}")
        PictureModel pictures,
    @Setting(
            value =
                "A head learns from at most this many rows, drawn by hash: it bounds memory, not what is predicted",
            defaultValue = "200000",
            min = 1)
        int maxTrainingRows,
    @Setting(
            value =
                "Corpora that came with probabilities: auto = those are used and nothing is trained; always"
                    + " = a head is trained besides, and joined with them",
            defaultValue = "auto")
        OwnPredictions ownPredictions,
    @Setting(
            value =
                "Inputs: auto = not those that are no texts but names (mostly one ASCII word) in corpora"
                    + " that came with probabilities and need no head; always = all",
            defaultValue = "auto")
        Embed embed,
    @Setting(value = "Further rounds in which suspected rows weigh less", defaultValue = "{}")
        Rescaling rescaling,
    @Setting(value = "Known errors that ride along through detection", defaultValue = "{}")
        Canaries canaries) {

  private static final int FEWEST_REPEATS = 2;
  private static final int MOST_REPEATS = 10;

  /** Heads of fewer rows differ more by chance, and cost less. */
  private static final double PREDICTIONS_OF_FEW_ROWS = 20_000;

  /** {@link #repeats()} for a corpus of so many rows. */
  int repeatsOf(long rows) {
    int wanted = (int) Math.min(MOST_REPEATS, Math.ceil(PREDICTIONS_OF_FEW_ROWS / rows));
    return repeats > 0 ? repeats : Math.max(FEWEST_REPEATS, wanted);
  }

  /** Whether heads are trained where probabilities came with a corpus. */
  public enum OwnPredictions {
    /** They are not. */
    AUTO,
    /** They are. */
    ALWAYS
  }

  /** Which inputs are embedded. */
  public enum Embed {
    /** Those somebody may look at. */
    AUTO,
    /** All. */
    ALWAYS
  }

  /** A sentence-embedding model, one session of it per executor. */
  public record EmbeddingModel(
      @Setting(
              value =
                  "minilm, which comes along; or a directory with model.onnx and tokenizer.json",
              defaultValue = "minilm")
          String model,
      @Setting(
              value =
                  "Batches one task computes at once; more than 1 only where an executor has fewer"
                      + " tasks than cores",
              defaultValue = "1",
              min = 1)
          int threads,
      @Setting(
              value =
                  "Texts of like length computed together; with a quantised model more than 1 makes"
                      + " a vector depend on its company",
              defaultValue = "1",
              min = 1)
          int batchSize,
      @Setting(value = "Where a text is cut, in tokens", defaultValue = "256", min = 3)
          int maxTokens)
      implements Serializable {}

  /** The models of corpora of pictures: one a fold, and one of all train rows. */
  public record PictureModel(
      @Setting(
              value = "A family that reads pictures, with its shape; see 'recant list families'",
              defaultValue = "{name: image-classifier}")
          Strategy family,
      @Setting(
              value = "How they are trained: as the model that is to unlearn, or more briefly",
              defaultValue = "{epochs: 10, batch_size: 128, learning_rate: 0.001, decay: linear}")
          OptimizationSettings training,
      @Setting(
              value =
                  "What they are trained on: auto (a GPU of their own where Spark has one to assign,"
                      + " else the CPU), cpu, or gpu (fails where there is none)",
              defaultValue = "auto")
          DeviceChoice device,
      @Setting(value = "How cells use their machine: memory, save_seconds", defaultValue = "{}")
          CellSettings cells) {}

  /**
   * Self-taught rescaling of losses: rounds of out-of-fold heads that learn how much the rows they
   * train on should count ({@link io.recant.ml.head.HeadTraining}), from what the heads of the
   * round before say about labels they never saw. The last round has all the repeats, those before
   * it one.
   *
   * <p>No label vouches for itself: the evidence about a row is from a head that did not train on
   * it. A trace is left at second hand, since that head trained on rows of the fold to be predicted
   * next, and its opinion weighs the rows which the next head learns from; to be rid of it a round
   * would need folds times as many heads.
   *
   * @param rounds beyond the first
   */
  public record Rescaling(
      @Setting(
              value = "Rounds of heads for which suspected rows weigh less, after one without",
              defaultValue = "1",
              min = 0,
              max = 10)
          int rounds)
      implements Serializable {}

  /** How many canaries. */
  public record Canaries(
      @Setting(
              value = "Canaries per train row of a classification corpus",
              defaultValue = "0.2",
              min = 0,
              max = 5)
          double share,
      @Setting(
              value = "Canaries per train row of a generation corpus",
              defaultValue = "1.0",
              min = 0,
              max = 5)
          double generationShare,
      @Setting(value = "At most this many canaries a corpus", defaultValue = "20000", min = 0)
          int most) {}
}
