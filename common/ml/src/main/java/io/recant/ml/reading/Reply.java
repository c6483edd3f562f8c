package io.recant.ml.reading;

import java.util.List;

/**
 * What a model is to write, and what should stand there.
 *
 * @param prompt the input
 * @param beginning what of the target it is given; empty for none of it
 * @param expected the rest of the target
 * @param accepted what would be as right
 */
record Reply(String prompt, String beginning, String expected, List<String> accepted) {

  /** The whole target. */
  static Reply answer(EvaluationRow row) {
    return new Reply(row.example().input(), "", row.example().target(), row.accepted());
  }

  /** The second half of the target's words. */
  static Reply continuation(EvaluationRow row) {
    String target = row.example().target();
    int half = target.indexOf(' ', target.length() / 2);
    int cut = half < 0 ? target.length() : half;
    return new Reply(
        row.example().input(), target.substring(0, cut), target.substring(cut), List.of());
  }
}
