package io.recant.ml.metric;

import io.recant.core.text.AnswerMatch;
import io.recant.core.text.RougeL;

/** How far a model and the truth agree on a row; NaN where the model was not asked. */
final class Overlap {

  private Overlap() {}

  /** ROUGE-L F1 of what was written. */
  static double f1(ScoredRow.Said text) {
    return text == null ? Double.NaN : RougeL.of(text.expected(), text.said()).f1();
  }

  /** ROUGE-L recall of what was written. */
  static double recall(ScoredRow.Said text) {
    return text == null ? Double.NaN : RougeL.of(text.expected(), text.said()).recall();
  }

  /** Whether what was written is the truth, or as true, to the word. */
  static boolean right(ScoredRow.Said text) {
    return AnswerMatch.of(text.expected(), text.said())
        || text.accepted().stream().anyMatch(answer -> AnswerMatch.of(answer, text.said()));
  }

  /** The share of tokens that are the model's first choice. */
  static double matched(ScoredRow.Answer answer) {
    return answer == null || answer.tokens() == 0
        ? Double.NaN
        : (double) answer.matches() / answer.tokens();
  }
}
