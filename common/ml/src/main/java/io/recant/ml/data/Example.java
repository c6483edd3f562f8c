package io.recant.ml.data;

import io.recant.core.error.InputException;
import java.util.List;
import java.util.OptionalDouble;

/**
 * One training row as a model sees it.
 *
 * @param id the sample's identifier, unique within its set
 * @param input the text a model reads (a prompt); null where the family reads no text
 * @param target what the model should say: a class name, or the text that follows the prompt; null
 *     where nothing is predicted
 * @param vector an embedding of the input; null where the family reads none. Not copied: who makes
 *     an example gives it away
 * @param weight how much the row's loss counts, at least 0; 1 for an ordinary row
 * @param spans the parts of the target that are to be forgotten where the row is in a forget set,
 *     in the order of the text; none for the whole target. A classifier's target has no parts: it
 *     does not look at them
 * @param image a picture; null where the family reads no pictures
 * @param suggested what the target may have to be, where the row is in a forget set and somebody
 *     can tell; null elsewhere
 * @param badProbability how likely the row is bad, in [0, 1]; empty where nobody has judged it
 */
public record Example(
    String id,
    String input,
    String target,
    float[] vector,
    float weight,
    List<Span> spans,
    Image image,
    String suggested,
    OptionalDouble badProbability) {

  /**
   * @throws InputException when spans are not apart, or not in the target
   */
  public Example {
    if (!(weight >= 0)) {
      throw new IllegalArgumentException("example " + id + ": weight " + weight + " is below 0");
    }
    double bad = badProbability.orElse(0);
    if (!(bad >= 0 && bad <= 1)) {
      throw new IllegalArgumentException("example " + id + ": " + bad + " is not a probability");
    }
    try {
      spans = spans.isEmpty() ? List.of() : Span.checked(spans, target == null ? "" : target);
    } catch (InputException e) {
      throw new InputException("example " + id + ": " + e.getMessage(), e);
    }
  }

  /** A row without a picture. */
  public Example(
      String id, String input, String target, float[] vector, float weight, List<Span> spans) {
    this(id, input, target, vector, weight, spans, null, null, OptionalDouble.empty());
  }

  /** A row whose whole target is one. */
  public Example(String id, String input, String target, float[] vector, float weight) {
    this(id, input, target, vector, weight, List.of());
  }

  /** An ordinary row, of weight 1. */
  public Example(String id, String input, String target, float[] vector) {
    this(id, input, target, vector, 1f);
  }

  /** The same row with another weight. */
  public Example withWeight(float newWeight) {
    return new Example(
        id, input, target, vector, newWeight, spans, image, suggested, badProbability);
  }

  /** The same row with other parts of its target. */
  public Example withSpans(List<Span> newSpans) {
    return new Example(
        id, input, target, vector, weight, newSpans, image, suggested, badProbability);
  }

  /** The same row with a picture. */
  public Example withImage(Image newImage) {
    return new Example(
        id, input, target, vector, weight, spans, newImage, suggested, badProbability);
  }

  /** The same row with what its target may have to be. */
  public Example withSuggested(String newSuggested) {
    return new Example(
        id, input, target, vector, weight, spans, image, newSuggested, badProbability);
  }

  /** The same row, bad with another probability. */
  public Example withBadProbability(OptionalDouble newBadProbability) {
    return new Example(
        id, input, target, vector, weight, spans, image, suggested, newBadProbability);
  }

  /** The same row with what is suggested as its target, whole. */
  public Example corrected() {
    return new Example(
        id, input, suggested, vector, weight, List.of(), image, suggested, badProbability);
  }
}
