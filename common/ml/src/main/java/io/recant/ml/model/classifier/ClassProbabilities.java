package io.recant.ml.model.classifier;

import ai.djl.ndarray.NDManager;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.data.Examples;
import io.recant.ml.data.Minibatch;
import io.recant.ml.data.Minibatches;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Model;
import java.util.Arrays;
import java.util.function.Consumer;

/** A classifier's softmax outputs on examples, whose targets are not looked at. */
public final class ClassProbabilities {

  /**
   * One example's prediction.
   *
   * @param id the example
   * @param probabilities one per class in the order of the logits, adding up to 1
   */
  public record Row(String id, float[] probabilities) {

    /** The most likely class; the first of several. */
    public int argMax() {
      int best = 0;
      for (int k = 1; k < probabilities.length; k++) {
        best = probabilities[k] > probabilities[best] ? k : best;
      }
      return best;
    }
  }

  private ClassProbabilities() {}

  /**
   * Predicts examples in their order, holding one batch at a time.
   *
   * @param model one with a single position per example
   * @param batchSize examples that go through the model together
   */
  public static void stream(Model model, Examples examples, int batchSize, Consumer<Row> sink) {
    int classes = model.vocabularySize();
    try (GradMode off = GradMode.inference();
        NDManager scope = Devices.manager(model.device());
        Minibatches batches = Minibatches.inOrder(examples, batchSize)) {
      while (batches.hasNext()) {
        Minibatch minibatch = batches.next();
        try (NDManager manager = scope.newSubManager()) {
          float[] all =
              model.logits(model.encode(minibatch.examples(), manager)).softmax(-1).toFloatArray();
          for (int i = 0; i < minibatch.size(); i++) {
            sink.accept(
                new Row(
                    minibatch.examples().get(i).id(),
                    Arrays.copyOfRange(all, i * classes, (i + 1) * classes)));
          }
        }
      }
    }
  }
}
