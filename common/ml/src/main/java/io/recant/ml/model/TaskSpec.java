package io.recant.ml.model;

import io.recant.ml.data.ImageShape;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a new model has to know about its task.
 *
 * @param classes the class names in the order of their logits; empty for a language model
 * @param vectorDimension length of {@code Example.vector}; 0 where no vectors are read
 * @param tokenizer a {@code tokenizer.json}, for models that read text
 * @param image the size of {@code Example.image}, the same for all; empty where none are read
 */
public record TaskSpec(
    List<String> classes,
    int vectorDimension,
    Optional<Path> tokenizer,
    Optional<ImageShape> image) {

  public TaskSpec {
    classes = List.copyOf(classes);
  }

  /** A task without pictures. */
  public TaskSpec(List<String> classes, int vectorDimension, Optional<Path> tokenizer) {
    this(classes, vectorDimension, tokenizer, Optional.empty());
  }

  /** To tell vectors of this dimension into these classes. */
  public static TaskSpec classification(List<String> classes, int vectorDimension) {
    return new TaskSpec(classes, vectorDimension, Optional.empty());
  }

  /** To tell pictures of this size into these classes. */
  public static TaskSpec imageClassification(List<String> classes, ImageShape image) {
    return new TaskSpec(classes, 0, Optional.empty(), Optional.of(image));
  }

  /** To continue text cut into this tokenizer's tokens. */
  public static TaskSpec generation(Path tokenizer) {
    return new TaskSpec(List.of(), 0, Optional.of(tokenizer));
  }
}
