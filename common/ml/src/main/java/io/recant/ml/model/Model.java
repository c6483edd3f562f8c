package io.recant.ml.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.recant.ml.data.Example;
import java.nio.file.Path;
import java.util.List;

/**
 * A model that gives each target position of an example a distribution over {@code V} answers: a
 * classifier has one position and V classes, a language model one position a token and V tokens.
 * Training, unlearning and scoring know no more than this.
 *
 * <p>A model owns its parameters' native memory until closed. It may be read by several threads at
 * once; it is trained by one.
 */
public interface Model extends AutoCloseable {

  /** Where the parameters are, and where batches have to be. */
  Device device();

  /** V, how many answers a position has. */
  int vocabularySize();

  /** The parameters, always the same arrays in the same order. */
  Parameters parameters();

  /**
   * Turns examples into arrays on this model's device.
   *
   * @param examples at least one
   * @param manager owner of the batch, on this model's device; one per batch, closed after it
   * @throws io.recant.core.error.InputException when an example lacks what this model reads, or its
   *     target is not among the answers; the message names the example
   */
  Batch encode(List<Example> examples, NDManager manager);

  /**
   * The unnormalised log-probabilities of every answer at every position: (N, T, V) float32. Logits
   * at position t are for the label at position t; a language model shifts inside {@link #encode}.
   * The result belongs to the batch's manager.
   */
  NDArray logits(Batch batch, Dropout dropout);

  /** The logits of the model as it is used, without dropout. */
  default NDArray logits(Batch batch) {
    return logits(batch, Dropout.off());
  }

  /**
   * About how many bytes a forward and a backward pass over the batch hold at once, beside the
   * parameters and their gradients. Linear in the number of examples. 0 where that is too little to
   * ask about.
   */
  default long passBytes(Batch batch) {
    return 0;
  }

  /** How many layers {@link #activations} can be asked for. */
  int layers();

  /**
   * What stands at every position of {@link #logits} after a layer, without dropout: (N, T, D), of
   * the batch's manager.
   *
   * @param layer from 1 to {@link #layers}
   */
  NDArray activations(Batch batch, int layer);

  /**
   * Writes a model directory as Hugging Face lays it out: {@code config.json}, {@code
   * model.safetensors}, and {@code tokenizer.json} where there is one. Equal models give equal
   * bytes.
   */
  void save(Path directory);

  /** An independent model with the same parameters; the caller closes it. */
  Model copy();

  /** The same, for reading only: a reference that no backward pass follows. */
  Model frozenCopy();

  /**
   * A model of the same shape that has learned nothing: its parameters are drawn as those of a new
   * one; equal seeds give equal ones. The caller closes it.
   */
  Model untrained(long seed);

  @Override
  void close();
}
