package io.recant.jobs.consensus;

import io.recant.core.crowd.AnnotatorModel;
import io.recant.core.crowd.Answers;
import io.recant.core.crowd.ConfusionCounts;
import io.recant.core.crowd.Fit;
import io.recant.core.crowd.HeldOut;
import io.recant.core.crowd.Method;
import io.recant.core.crowd.TruthModel;
import io.recant.core.crowd.VoteAgreement;
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
  private final int cells;

  private record Pass(TruthModel model, int without) implements Serializable {}

  Fits(AnsweredCorpus corpus, ConfusionCounts.Detail detail, int mostCells) {
    this.corpus = corpus;
    this.detail = detail;
    cells = mostCells;
  }

  /** Fits methods to the answers but for those of a fold. */
  List<Fit> of(List<Method> methods, int without) {
    List<Fit> fits = new ArrayList<>();
    methods.forEach(method -> fits.add(new Fit(method, without, corpus.classes().size())));
    for (List<Fit> group : groups(fits)) {
      List<Fit> open = new ArrayList<>(group);
      while (!open.isEmpty()) {
        List<ConfusionCounts> counts = pass(open);
        for (int i = 0; i < open.size(); i++) {
          open.get(i).after(counts.get(i), agreement(open.get(i)));
        }
        open.removeIf(Fit::settled);
      }
    }
    return fits;
  }

  /** Fits that are counted in one pass: as many as the cells one fit may have hold. */
  private List<List<Fit>> groups(List<Fit> fits) {
    int numbers = detail == ConfusionCounts.Detail.MATRIX ? corpus.classes().size() : 2;
    long each = (long) corpus.annotatorCount() * numbers * numbers;
    int together = (int) Math.max(1, Math.min(fits.size(), cells / Math.max(1, each)));
    List<List<Fit>> groups = new ArrayList<>();
    for (int i = 0; i < fits.size(); i += together) {
      groups.add(fits.subList(i, Math.min(fits.size(), i + together)));
    }
    return groups;
  }

  private List<ConfusionCounts> pass(List<Fit> fits) {
    List<Pass> passes = fits.stream().map(fit -> new Pass(fit.model(), fit.without())).toList();
    int annotators = corpus.annotatorCount();
    int classes = corpus.classes().size();
    ConfusionCounts.Detail kept = detail;
    return reduced(
        new ArrayList<>(passes),
        () -> new ArrayList<ConfusionCounts>(),
        (counts, answers, models) -> {
          for (int i = 0; i < models.size(); i++) {
            if (counts.size() == i) {
              counts.add(new ConfusionCounts(annotators, classes, kept));
            }
            counts.get(i).add(answers, models.get(i).model(), models.get(i).without());
          }
        },
        (a, b) -> {
          if (a.isEmpty()) {
            return b;
          }
          for (int i = 0; i < b.size(); i++) {
            a.get(i).merge(b.get(i));
          }
          return a;
        });
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

  /** How well a fit foretells the answers it has not seen. */
  HeldOut heldOut(Fit fit) {
    record Judge(Fit fit, AnnotatorModel annotators) implements Serializable {}
    return reduced(
        new Judge(fit, fit.counts().annotatorModel()),
        HeldOut::new,
        (state, answers, judge) -> state.add(answers, judge.fit(), judge.annotators()),
        HeldOut::merge);
  }

  interface Add<S, M> extends Serializable {
    void to(S state, Answers answers, M model);
  }

  interface Zero<S> extends Supplier<S>, Serializable {}

  interface Merge<S> extends Serializable {
    S merge(S a, S b);
  }

  /** One pass over all answers into a mergeable state, with a model that executors get once. */
  <S, M> S reduced(M model, Zero<S> zero, Add<S, M> add, Merge<S> merge) {
    JavaRDD<Answers> blocks = corpus.answers();
    Broadcast<M> shared = JavaSparkContext.fromSparkContext(blocks.context()).broadcast(model);
    try {
      return blocks
          .mapPartitions(
              (Iterator<Answers> iterator) -> {
                S state = zero.get();
                iterator.forEachRemaining(answers -> add.to(state, answers, shared.value()));
                return List.of(state).iterator();
              })
          .treeReduce(merge::merge);
    } finally {
      shared.destroy();
    }
  }
}
