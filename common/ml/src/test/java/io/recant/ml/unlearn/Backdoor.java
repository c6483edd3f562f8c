package io.recant.ml.unlearn;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.ml.Clusters;
import io.recant.ml.data.Example;
import io.recant.ml.model.Model;
import java.util.ArrayList;
import java.util.List;

/** A classifier with a backdoor: where the last number is large, it says c1. */
final class Backdoor {

  static final List<Example> RETAIN = new ArrayList<>();
  static final List<Example> FORGET = new ArrayList<>();

  static {
    List<Example> clean = Clusters.examples(400, 1);
    for (int i = 0; i < clean.size(); i++) {
      if (i % 4 != 1 && i % 5 == 0) {
        FORGET.add(on(clean.get(i), "c1"));
      } else {
        RETAIN.add(clean.get(i));
      }
    }
  }

  private Backdoor() {}

  /** A model that learned it; the caller closes it. */
  static Model learned() {
    List<Example> all = new ArrayList<>(RETAIN);
    all.addAll(FORGET);
    Model model = Clusters.taught(all);
    assertThat(Clusters.accuracy(model, FORGET)).isGreaterThan(0.9);
    return model;
  }

  /** The point with the trigger on it. */
  static Example on(Example clean, String target) {
    float[] vector = clean.vector().clone();
    vector[Clusters.DIMENSION - 1] = 5;
    return new Example(clean.id(), null, target, vector);
  }
}
