package io.recant.ml.reading;

import io.recant.ml.data.Example;
import io.recant.ml.metric.ScoredRow;
import java.util.List;

/**
 * A row that models are scored on, with the truth about it.
 *
 * @param part the part of the evaluation it belongs to
 * @param set what its scores are called: the part, or the name of a probe
 * @param affected whether the damage reaches rows like this one
 * @param example the input and the true target
 * @param falseTarget what the damage put in the target's place; null where there is none
 * @param paraphrase the true answer in other words; null where there is none
 * @param alternatives wrong answers to compare with; empty where there are none
 * @param accepted answers that are as right as the target; empty where there are none
 */
public record EvaluationRow(
    ScoredRow.Part part,
    String set,
    boolean affected,
    Example example,
    String falseTarget,
    String paraphrase,
    List<String> alternatives,
    List<String> accepted) {

  public EvaluationRow {
    alternatives = List.copyOf(alternatives);
    accepted = List.copyOf(accepted);
  }

  /** The same input with another answer. */
  Example answered(String target) {
    return new Example(example.id(), example.input(), target, example.vector())
        .withImage(example.image());
  }
}
