package io.recant.jobs.consensus;

import io.recant.core.crowd.AnnotatorModel;
import io.recant.core.crowd.Answers;
import io.recant.core.crowd.ConfusionCounts;
import io.recant.core.crowd.Fit;
import io.recant.core.crowd.HeldOut;
import io.recant.core.crowd.Method;
import io.recant.core.crowd.TruthModel;
import io.recant.core.crowd.VoteAgreement;
import io.recant.jobs.noise.States;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * Fits methods to a corpus: a pass reads all answers once for every fit that is still open, and
 * comes back as counts that are as large as the annotators' parameters.
 */
final class Fits {

  private final AnsweredCorpus corpus;
  private final ConfusionCounts.Detail detail;
  private final int mostCells;

  private record Pass(TruthModel model, int without) implements Serializable {}

  Fits(AnsweredCorpus corpus, ConfusionCounts.Detail detail, int mostCells) {
    this.corpus = corpus;
    this.detail = detail;
    this.mostCells = mostCells;
  }

  /** Fits methods to the answers but for those of a fold, for each of the folds. */
  List<Fit> of(List<Method> methods, List<Integer> folds) {
    List<Fit> fits = new ArrayList<>();
    for (int fold : folds) {
      methods.forEach(method -> fits.add(new Fit(method, fold, corpus.classes().size())));
    }
    List<Fit> open = new ArrayList<>(fits);
    while (!open.isEmpty()) {
      List<ConfusionCounts> counts = pass(open);
      for (int i = 0; i < open.size(); i++) {
        open.get(i).after(counts.get(i), agreement(open.get(i)));
      }
      open.removeIf(Fit::settled);
    }
    return fits;
  }

  /** How many folds are fitted at once: as many as keep within the cells one fit may have. */
  int foldsAtOnce(int methods) {
    return (int)
        Math.max(1, mostCells / Math.max(1, (long) methods * corpus.annotatorCount() * cells()));
  }

  private long cells() {
    long classes = corpus.classes().size();
    return detail == ConfusionCounts.Detail.MATRIX ? classes * classes : 2;
  }

  private List<ConfusionCounts> pass(List<Fit> fits) {
    List<Pass> passes = fits.stream().map(fit -> new Pass(fit.model(), fit.without())).toList();
    int annotators = corpus.annotatorCount();
    int classes = corpus.classes().size();
    ConfusionCounts.Detail kept = detail;
    return this.<List<ConfusionCounts>, List<Pass>>reduced(
        passes,
        ArrayList<ConfusionCounts>::new,
        (counts, answers, models) -> {
          for (int i = 0; i < models.size(); i++) {
            if (counts.size() == i) {
              counts.add(new ConfusionCounts(annotators, classes, kept));
            }
            counts.get(i).add(answers, models.get(i).model(), models.get(i).without());
          }
        },
        (a, b) -> merged(a, b, ConfusionCounts::merge));
  }

  private Optional<VoteAgreement> agreement(Fit fit) {
    if (fit.method() != Method.CROWDLAB || fit.passes() != 1) {
      return Optional.empty();
    }
    int annotators = corpus.annotatorCount();
    int classes = corpus.classes().size();
    return Optional.of(
        reduced(
            new Pass(fit.model(), fit.without()),
            () -> new VoteAgreement(annotators, classes),
            (state, answers, vote) -> state.add(answers, vote.model(), vote.without()),
            VoteAgreement::merge));
  }

  /** How well each fit foretells the answers it has not seen. */
  List<HeldOut> heldOut(List<Fit> fits) {
    record Judge(Fit fit, AnnotatorModel annotators) implements Serializable {}
    List<Judge> judges = new ArrayList<>();
    fits.forEach(fit -> judges.add(new Judge(fit, fit.counts().annotatorModel())));
    return this.<List<HeldOut>, List<Judge>>reduced(
        judges,
        ArrayList<HeldOut>::new,
        (states, answers, models) -> {
          for (int i = 0; i < models.size(); i++) {
            if (states.size() == i) {
              states.add(new HeldOut());
            }
            states.get(i).add(answers, models.get(i).fit(), models.get(i).annotators());
          }
        },
        (a, b) -> merged(a, b, HeldOut::merge));
  }

  /** States of the same models, one by one; a task without answers has none. */
  private static <S> List<S> merged(List<S> a, List<S> b, States.Merge<S> each) {
    if (a.isEmpty()) {
      return b;
    }
    for (int i = 0; i < b.size(); i++) {
      each.apply(a.get(i), b.get(i));
    }
    return a;
  }

  interface Add<S, M> extends Serializable {
    void to(S state, Answers answers, M model);
  }

  interface Zero<S> extends Supplier<S>, Serializable {}

  /** One pass over all answers into a mergeable state, with a model that executors get once. */
  <S, M> S reduced(M model, Zero<? extends S> zero, Add<S, M> add, States.Merge<S> merge) {
    JavaRDD<Answers> blocks = corpus.answers();
    Broadcast<M> shared = JavaSparkContext.fromSparkContext(blocks.context()).broadcast(model);
    try {
      return States.merged(
          blocks.mapPartitions(
              (Iterator<Answers> iterator) -> {
                S state = zero.get();
                iterator.forEachRemaining(answers -> add.to(state, answers, shared.value()));
                return List.of(state).iterator();
              }),
          merge);
    } finally {
      shared.destroy();
    }
  }
}
