package io.recant.ml.unlearn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.ml.Clusters;
import io.recant.ml.TestDevice;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Model;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelectiveSynapticDampeningTest {

  @Test
  void factorsAreThePapersFormula() {
    try (NDManager manager = Devices.manager(TestDevice.get())) {
      NDArray forget = manager.create(new float[] {0, 1, 10, 11, 40, 5, 1});
      NDArray retain = manager.create(new float[] {0, 1, 1, 1, 1, 0, 0.09f});
      float[] factors = SelectiveSynapticDampening.factors(forget, retain, 10, 2).toFloatArray();
      float[] expected = {1, 1, 1, 2 / 11f, 2 / 40f, 0, 0.18f};
      for (int i = 0; i < expected.length; i++) {
        assertThat(factors[i]).as("weight %d", i).isCloseTo(expected[i], within(1e-6f));
      }
    }
  }

  /** The closed form of the classifier and one backward pass per example are the same numbers. */
  @Test
  void importanceIsThatOfSingleExamples() {
    List<Example> examples = new ArrayList<>(Clusters.examples(20, 4));
    examples.set(3, examples.get(3).withWeight(2.5f));
    try (Model model = Clusters.model(1);
        NDManager manager = Devices.manager(TestDevice.get())) {
      List<NDArray> closed =
          Importance.of(model, Examples.of(examples), Batch::mask, 100, 7, 50, 0, manager);
      List<NDArray> parameters = model.parameters().trainable();
      List<NDArray> sums = new ArrayList<>();
      parameters.forEach(p -> sums.add(manager.zeros(p.getShape())));
      for (Example example : examples) {
        Importance.addOne(sums, model, parameters, example, Batch::mask, manager);
      }
      for (int i = 0; i < sums.size(); i++) {
        float[] one = closed.get(i).toFloatArray();
        float[] other = sums.get(i).div(21.5f).toFloatArray();
        double largest = 0;
        for (int k = 0; k < one.length; k++) {
          assertThat(one[k]).isCloseTo(other[k], within(1e-6f));
          largest = Math.max(largest, one[k]);
        }
        assertThat(largest).isGreaterThan(1e-4);
      }
      for (NDArray parameter : parameters) {
        Autograd.zero(List.of(parameter));
      }
    }
  }

  @Test
  void aLimitReadsOnlySoMany() {
    try (Model model = Clusters.model(1);
        NDManager manager = Devices.manager(TestDevice.get())) {
      List<Example> examples = Clusters.examples(40, 4);
      NDArray ten =
          Importance.of(model, Examples.of(examples), Batch::mask, 10, 10, 1, 0, manager).get(0);
      NDArray first =
          Importance.of(
                  model, Examples.of(examples.subList(0, 10)), Batch::mask, 10, 10, 1, 0, manager)
              .get(0);
      assertThat(ten.toFloatArray()).containsExactly(first.toFloatArray());
    }
  }
}
