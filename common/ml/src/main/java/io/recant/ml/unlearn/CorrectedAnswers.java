package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import io.recant.ml.data.Example;
import io.recant.ml.data.Minibatch;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.loss.Unlikelihood;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Model;
import io.recant.ml.train.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What {@link Correct} teaches a language model of forget rows: {@code (1 - trust) (-log(1 -
 * p_given)) + trust l_suggested}, token by token.
 */
final class CorrectedAnswers {

  private CorrectedAnswers() {}

  /**
   * The terms of some forget rows.
   *
   * @param trust in suggested answers, in [0, 1]
   * @param factor how much the rows count
   */
  static List<Term> terms(double trust, double factor, Model model, Minibatch forget) {
    List<Term> terms = new ArrayList<>();
    terms.add(
        new Term(
            Term.Role.FORGET,
            factor,
            mapped(forget, example -> ruledOut(example, trust)),
            Term.Mean.TOKENS,
            (part, batch, dropout) -> ruledOut(batch, model.logits(batch))));
    List<Integer> suggested = new ArrayList<>();
    for (int i = 0; i < forget.size(); i++) {
      if (forget.examples().get(i).suggested() != null) {
        suggested.add(i);
      }
    }
    if (trust > 0 && !suggested.isEmpty()) {
      double share = (double) suggested.size() / forget.size();
      terms.add(
          new Term(
              Term.Role.TRAIN,
              factor * trust * share,
              new Minibatch(
                  suggested.stream().map(i -> forget.examples().get(i).corrected()).toList(),
                  suggested.stream().mapToLong(i -> forget.positions()[i]).toArray(),
                  forget.seed()),
              Term.Mean.TOKENS,
              (part, batch, dropout) -> RetainTerm.learned(batch, model.logits(batch))));
    }
    return terms;
  }

  private static Minibatch mapped(Minibatch minibatch, UnaryOperator<Example> map) {
    return new Minibatch(
        minibatch.examples().stream().map(map).toList(), minibatch.positions(), minibatch.seed());
  }

  private static Example ruledOut(Example example, double trust) {
    return example.suggested() == null
        ? example
        : example.withWeight((float) (example.weight() * (1 - trust)));
  }

  private static Term.Value ruledOut(Batch batch, NDArray logits) {
    NDArray loss = RetainTerm.loss(batch, batch.forgetMask(), logits);
    return new Term.Value(
        TokenLoss.mean(
            Unlikelihood.perPosition(logits, batch.labels()), batch.forgetMask(), batch.weights()),
        loss);
  }
}
