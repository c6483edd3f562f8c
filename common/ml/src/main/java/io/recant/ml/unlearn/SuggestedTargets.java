package io.recant.ml.unlearn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.data.Example;
import io.recant.ml.data.Minibatches;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Model;
import java.util.List;

/** The classes that are suggested in place of those given, beside what a classifier says itself. */
final class SuggestedTargets {

  private SuggestedTargets() {}

  /**
   * Whether suggestions are likelier right than the model is. Of the classes but for the given one
   * it holds one for the likeliest, with probability m on average; in a share a of the rows that is
   * the suggested one. Where it is right as often as it says, and errors are not the same ones,
   * suggestions are right at about a / m.
   *
   * @param forget read from where they stand, and not closed; rows without a suggestion do not
   *     count
   * @return false where nothing is suggested
   */
  static boolean likelierThan(Model model, Minibatches forget) {
    double rows = 0;
    double agreed = 0;
    double sure = 0;
    try (GradMode off = GradMode.inference();
        NDManager scope = Devices.manager(model.device())) {
      while (forget.hasNext()) {
        List<Example> suggested =
            forget.next().examples().stream().filter(row -> row.suggested() != null).toList();
        if (suggested.isEmpty()) {
          continue;
        }
        try (NDManager manager = scope.newSubManager()) {
          Batch batch = model.encode(suggested, manager);
          long[] given = batch.labels().toLongArray();
          long[] instead =
              model
                  .encode(suggested.stream().map(Example::corrected).toList(), manager)
                  .labels()
                  .toLongArray();
          NDArray p = model.logits(batch).softmax(-1);
          float[] all = p.toFloatArray();
          int classes = model.vocabularySize();
          for (int i = 0; i < given.length; i++) {
            int best = -1;
            double left = 0;
            for (int y = 0; y < classes; y++) {
              if (y != given[i]) {
                left += all[i * classes + y];
                best = best < 0 || all[i * classes + y] > all[i * classes + best] ? y : best;
              }
            }
            rows++;
            agreed += best == instead[i] ? 1 : 0;
            sure += left > 0 ? all[i * classes + best] / left : 1.0 / (classes - 1);
          }
        }
      }
    }
    return rows > 0 && agreed / sure > sure / rows;
  }
}
