package io.recant.ml;

import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Likelihood;
import io.recant.ml.model.Model;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.model.classifier.TextClassifierFamily;
import io.recant.ml.optim.LearningRateSchedule.Decay;
import io.recant.ml.train.OptimizationSettings;
import io.recant.ml.train.Training;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A small classification problem with a known answer: points around one centre per class. */
public final class Clusters {

  public static final int DIMENSION = 8;
  public static final List<String> CLASSES = List.of("c0", "c1", "c2", "c3");

  private Clusters() {}

  /** Points of class i mod 4, in order. */
  public static List<Example> examples(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] vector = new float[DIMENSION];
      for (int k = 0; k < DIMENSION; k++) {
        vector[k] = (float) ((k % 4 == i % 4 ? 1 : 0) + 0.3 * random.nextGaussian());
      }
      examples.add(new Example("e" + i, null, CLASSES.get(i % 4), vector));
    }
    return examples;
  }

  /** The same points with the class after their own as target. */
  public static List<Example> mislabelled(List<Example> examples) {
    return examples.stream()
        .map(
            e ->
                new Example(
                    e.id(), null, CLASSES.get((CLASSES.indexOf(e.target()) + 1) % 4), e.vector()))
        .toList();
  }

  public static Model model(long seed) {
    return new TextClassifierFamily()
        .create(
            new TextClassifierFamily.Settings(64, 0),
            TaskSpec.classification(CLASSES, DIMENSION),
            seed,
            TestDevice.get());
  }

  /** A model that was taught the examples until it gives nearly all; the caller closes it. */
  public static Model taught(List<Example> examples) {
    Model model = model(0);
    Training.run(
        model,
        Examples.of(examples),
        new OptimizationSettings(20, 32, 0.01, 0, 0, Decay.LINEAR, 1, 1000),
        1,
        e -> {},
        () -> 0);
    return model;
  }

  public static double accuracy(Model model, List<Example> examples) {
    return Likelihood.of(model, examples, 64).stream()
        .mapToInt(Likelihood.Row::matches)
        .average()
        .orElseThrow();
  }

  public static double loss(Model model, List<Example> examples) {
    return Likelihood.of(model, examples, 64).stream()
        .mapToDouble(Likelihood.Row::meanLoss)
        .average()
        .orElseThrow();
  }
}
