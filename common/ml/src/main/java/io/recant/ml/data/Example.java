package io.recant.ml.data;

/**
 * One training row as a model sees it.
 *
 * @param id the sample's identifier, unique within its set
 * @param input the text a model reads (a prompt); null where the family reads vectors only
 * @param target what the model should say: a class name, or the text that follows the prompt; null
 *     where nothing is predicted
 * @param vector an embedding of the input; null where the family reads text only. Not copied: who
 *     makes an example no longer changes it
 * @param weight how much the row's loss counts, at least 0; 1 for an ordinary row
 */
public record Example(String id, String input, String target, float[] vector, float weight) {

  public Example {
    if (!(weight >= 0)) {
      throw new IllegalArgumentException("example " + id + ": weight " + weight + " is below 0");
    }
  }

  /** An ordinary row, of weight 1. */
  public Example(String id, String input, String target, float[] vector) {
    this(id, input, target, vector, 1f);
  }

  /** The same row with another weight. */
  public Example withWeight(float newWeight) {
    return new Example(id, input, target, vector, newWeight);
  }
}
