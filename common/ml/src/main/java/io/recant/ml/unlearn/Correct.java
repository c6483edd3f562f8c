package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import io.recant.core.config.Setting;
import io.recant.ml.causal.CausalModel;
import io.recant.ml.data.Minibatch;
import io.recant.ml.data.MinibatchCycle;
import io.recant.ml.data.Minibatches;
import io.recant.ml.loss.CandidateLikelihood;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.Model;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Term;
import io.recant.ml.train.TrainingRun;
import io.recant.ml.train.TrainingRun.Outcome;
import io.recant.ml.unlearn.UnlearningResult.Stop;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Corrects a model in place of merely making it forget. A row of the forget set still says two
 * things: its input is an ordinary one, and its target is wrong. So the model is taught what is
 * left when the given target is ruled out, among which a suggested target is the likeliest:
 *
 * <pre>
 * w = keep w + (1 - keep) w_new                       (once, before the first step)
 * loss = l_retain + weight (-log sum_y c_y p_y)
 * c_y = trust [y = suggested] + (1 - trust) / (V - 1) [y != given]
 * </pre>
 *
 * <p>with trust 0 for rows without a suggestion, and for all in the first half of the steps.
 * Suggestions come from models that may be as wrong as the corpus is. So the model first learns
 * from the retain set what is left; later suggestions count where they are likelier right than it
 * is ({@link SuggestedTargets#likelierThan}), and each as far as the model does not know better.
 * Answers of language models are of many tokens and of different length for the given and the
 * suggested one; theirs is {@code (1 - trust) (-log(1 - p_given)) + trust l_suggested} token by
 * token, from the first step on.
 *
 * <p>Where two classes were given for each other, by what is suggested ({@link
 * io.recant.core.label.ConfusedClasses}), a row of theirs is of either, and how likely it is bad
 * says of which: from the first step on {@code c_given = 1 - p_bad} and {@code c_other = p_bad}
 * ({@link CandidateTargets}). Rows known for sure say which class is which, and the model itself
 * which rows are alike.
 *
 * <p>What is flagged is seldom all. A retain row that is likelier bad than a row drawn blindly,
 * that is by more than the share of the forget set, teaches nothing: there are few of these and
 * enough of the others, and a handful of rows keeps a backdoor open.
 *
 * <p>Weights moved towards those of a new model let go of what was learned by heart and keep what
 * is general, so that few passes over the retain set bring the model where training anew would;
 * ruling out works also where the rows that are known are not all there are. Before that, where the
 * damage is in few weights, these may be dampened as {@link Potion} does. Neither may take the
 * model more than one of ten retain targets that it gave. An epoch is one pass over the retain set
 * and, beside it, one over the forget set.
 *
 * <p>Passes over the retain set are those of a training (dropout, augmentation, statistics of batch
 * normalisation from the batch); forget rows are few at a time and go through the model as it is
 * used. Not so where classes were given for each other: most of their rows may be in the forget
 * set, and what is not augmented would be taken for one of them. There forget rows join the retain
 * rows of a step.
 */
public final class Correct implements UnlearningMethod<Correct.Settings> {

  /**
   * A pass of a few rows costs nearly as much as one of these: they come together, and seldomer.
   */
  private static final int LEAST_TOGETHER = 32;

  /** Defaults for small models; for a billion parameters a learning rate near 1e-5. */
  public record Settings(
      @Setting(
              value = "steps, where an epoch is one pass over the retain set",
              defaultValue = "{epochs: 5, batch_size: 128, learning_rate: 0.003, weight_decay: 0}")
          OptimizationSettings training,
      @Setting(
              value =
                  "what is kept of the weights before the first step, the rest being those of a new"
                      + " model; without it the least of 0.4, 0.6, 0.8 and 1 with which the model"
                      + " still gives nine of ten retain targets that it gave, and 1 for language"
                      + " models, which are costly to teach anew",
              defaultValue = "null",
              min = 0,
              max = 1)
          Optional<Double> keep,
      @Setting(
              value =
                  "whether weights of a classifier that matter to the forget set are dampened first,"
                      + " where that leaves it nine of ten retain targets that it gave; for a"
                      + " forget set that is only a part of the damage, since what is dampened is"
                      + " slow to be taught again",
              defaultValue = "false")
          boolean dampen,
      @Setting(
              value = "how much a forget row counts beside a retain row",
              defaultValue = "1",
              min = 0)
          double weight,
      @Setting(
              value =
                  "how likely a suggested target is the right one; suggested classes have their say in"
                      + " the second half of the steps, where they are likelier right than what the"
                      + " model would say; with 1 whatever it would say, and with 0 nothing that is"
                      + " suggested counts",
              defaultValue = "0.5",
              min = 0,
              max = 1)
          double trust) {}

  @Override
  public String name() {
    return "correct";
  }

  @Override
  public String summary() {
    return "Teaches forget rows what is left when their target is ruled out, and what is suggested in"
        + " its place as far as the model knows no better; begins between the model and a new one.";
  }

  @Override
  public String source() {
    return "ours; after Ash and Adams, NeurIPS 2020 (shrink and perturb), Ishida et al., NeurIPS 2017"
        + " (complementary labels), and Jin and Ghahramani, NIPS 2002 (multiple labels)";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public UnlearningResult unlearn(Settings settings, UnlearningTask task) {
    SplittableRandom seeds = new SplittableRandom(task.seed());
    String begun = begin(settings, task, seeds.nextLong());
    OptimizationSettings training = settings.training();
    long perEpoch = Minibatches.count(task.retain().count(), training.batchSize());
    // So many a step that all have their turn in an epoch.
    long turn = Math.max(1, (task.forget().count() + perEpoch - 1) / Math.max(1, perEpoch));
    CandidateTargets candidates =
        task.model() instanceof CausalModel || settings.trust() == 0
            ? CandidateTargets.ofRowsAlone()
            : CandidateTargets.of(task.forget(), task.limits().evaluationBatch());
    long least = candidates.areConfused() ? 1 : Math.min(LEAST_TOGETHER, task.forget().count());
    int beside = (int) Math.min(training.batchSize(), Math.max(turn, least));
    long every = Math.max(1, beside / turn);
    double share = (double) task.forget().count() / (task.forget().count() + task.retain().count());
    long step = 0;
    boolean decided = false;
    boolean heard = false;
    try (TrainingRun run =
            task.run(training, training.epochs() * perEpoch, Dropout.seeded(seeds.nextLong()));
        MinibatchCycle forget =
            new MinibatchCycle(task.forget(), beside, training.shuffleBuffer(), seeds.nextLong())) {
      for (int epoch = 0; epoch < training.epochs(); epoch++) {
        try (Minibatches batches =
            Minibatches.shuffled(
                task.retain(), training.batchSize(), training.shuffleBuffer(), seeds.nextLong())) {
          while (batches.hasNext()) {
            if (run.steps() >= task.limits().maxSteps()) {
              return new UnlearningResult(run.steps(), Stop.STEP_LIMIT, "step limit, " + begun);
            }
            Minibatch retain = candidates.trusted(batches.next(), share);
            List<Term> terms = new ArrayList<>();
            if (step++ % every != 0) {
              terms.add(retained(task.model(), retain));
            } else {
              if (!decided && 2 * run.steps() >= training.epochs() * perEpoch) {
                decided = true;
                heard = isHeard(settings, task);
              }
              terms.addAll(
                  corrected(settings, heard, candidates, task.model(), retain, forget.next()));
            }
            if (run.step(epoch, terms) == Outcome.NOT_FINITE) {
              return UnlearningResult.notFinite(run);
            }
          }
        }
      }
      return new UnlearningResult(
          run.steps(),
          Stop.COMPLETED,
          "all epochs, " + begun + candidates.words() + (heard ? ", suggestions heard" : ""));
    }
  }

  /** Changes the model before the first step; returns in words how. */
  private String begin(Settings settings, UnlearningTask task, long seed) {
    boolean classifier = !(task.model() instanceof CausalModel);
    LettingGo go = new LettingGo(task, settings.training().shuffleBuffer());
    String dampened = "";
    if (classifier && settings.dampen()) {
      dampened =
          go.dampened()
              .map(alpha -> String.format(Locale.ROOT, "dampened at alpha %.3g, ", alpha))
              .orElse("");
    }
    double keep = settings.keep().orElse(1.0);
    if (classifier && settings.keep().isEmpty()) {
      keep = go.shrunk(seed, name());
    } else {
      FreshWeights.mixInto(task.model(), keep, seed, name());
    }
    return String.format(Locale.ROOT, "%s%.2g of the weights kept", dampened, keep);
  }

  /** Whether suggested classes have a say from now on; language models never ask. */
  private static boolean isHeard(Settings settings, UnlearningTask task) {
    if (task.model() instanceof CausalModel || settings.trust() == 0) {
      return false;
    }
    if (settings.trust() == 1) {
      return true;
    }
    try (Minibatches forget = Minibatches.inOrder(task.forget(), task.limits().evaluationBatch())) {
      return SuggestedTargets.likelierThan(task.model(), forget);
    }
  }

  private static Term retained(Model model, Minibatch retain) {
    return new Term(
        Term.Role.RETAIN,
        1,
        retain,
        Term.Mean.TOKENS,
        (part, batch, dropout) -> RetainTerm.learned(batch, model.logits(batch, dropout)));
  }

  /**
   * As if the forget rows stood among the retain rows of the step, each as much as one of them.
   *
   * @param heard whether suggestions have a say
   */
  private static List<Term> corrected(
      Settings settings,
      boolean heard,
      CandidateTargets candidates,
      Model model,
      Minibatch retain,
      Minibatch forget) {
    double each = settings.weight() * forget.size() / retain.size();
    double trust = heard ? settings.trust() : 0;
    List<Term> terms = new ArrayList<>();
    if (candidates.areConfused()) {
      terms.add(
          new Term(
              Term.Role.TRAIN,
              1 + (double) forget.size() / retain.size(),
              candidates.joined(retain, forget, settings.weight()),
              Term.Mean.TOKENS,
              (part, batch, dropout) -> ofClasses(candidates, trust, model, part, batch, dropout)));
      return terms;
    }
    terms.add(retained(model, retain));
    if (model instanceof CausalModel) {
      terms.addAll(CorrectedAnswers.terms(settings.trust(), each, model, forget));
      return terms;
    }
    terms.add(
        new Term(
            Term.Role.FORGET,
            each,
            forget,
            Term.Mean.TOKENS,
            (part, batch, dropout) ->
                ofClasses(candidates, trust, model, part, batch, Dropout.off())));
    return terms;
  }

  private static Term.Value ofClasses(
      CandidateTargets candidates,
      double trust,
      Model model,
      Minibatch part,
      Batch batch,
      Dropout dropout) {
    NDArray logits = model.logits(batch, dropout);
    return new Term.Value(
        TokenLoss.mean(
            CandidateLikelihood.perPosition(logits, candidates.logs(trust, model, part, batch)),
            batch.mask(),
            batch.weights()),
        RetainTerm.loss(batch, batch.mask(), logits));
  }
}
