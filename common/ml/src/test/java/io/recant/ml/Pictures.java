package io.recant.ml;

import io.recant.ml.data.Example;
import io.recant.ml.data.Image;
import io.recant.ml.data.ImageShape;
import io.recant.ml.model.Model;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.model.image.Architecture;
import io.recant.ml.model.image.Augmentation;
import io.recant.ml.model.image.ImageClassifierFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Grey pictures of a bright bar in noise: it lies in those of one class and stands in the other.
 */
public final class Pictures {

  public static final int SIDE = 12;
  public static final List<String> CLASSES = List.of("lying", "standing");

  private static final TaskSpec TASK =
      TaskSpec.imageClassification(CLASSES, new ImageShape(SIDE, SIDE, 1));

  private Pictures() {}

  /** Pictures of class i mod 2, in order. */
  public static List<Example> examples(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int bar = random.nextInt(SIDE);
      byte[] pixels = new byte[SIDE * SIDE];
      for (int at = 0; at < pixels.length; at++) {
        boolean bright = (i % 2 == 0 ? at / SIDE : at % SIDE) == bar;
        pixels[at] = (byte) ((bright ? 150 : 0) + random.nextInt(100));
      }
      examples.add(
          new Example("p" + i, null, CLASSES.get(i % 2), null)
              .withImage(new Image(SIDE, SIDE, 1, pixels)));
    }
    return examples;
  }

  public static ImageClassifierFamily.Settings settings(
      Architecture architecture, int width, Augmentation augmentation, double dropout) {
    return new ImageClassifierFamily.Settings(
        architecture, Optional.of(width), augmentation, dropout);
  }

  public static Model model(ImageClassifierFamily.Settings settings, long seed) {
    return new ImageClassifierFamily().create(settings, TASK, seed, TestDevice.get());
  }
}
