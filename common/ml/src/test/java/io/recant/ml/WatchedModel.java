package io.recant.ml;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.data.Example;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.Model;
import io.recant.ml.model.Parameters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A model on a device that holds so many examples: a larger batch asks PyTorch for memory that no
 * machine has.
 */
public final class WatchedModel implements Model {

  private static final Shape TOO_LARGE = new Shape(1L << 46);

  private final Model model;
  private final int room;
  private final long passBytes;
  private final List<Integer> passes = new ArrayList<>();

  /**
   * @param model closed with this one
   * @param room how many examples go through it at once
   * @param passBytes what it says that an example takes
   */
  public WatchedModel(Model model, int room, long passBytes) {
    this.model = model;
    this.room = room;
    this.passBytes = passBytes;
  }

  /** How many examples went through it, pass by pass. */
  public List<Integer> passes() {
    return passes;
  }

  @Override
  public NDArray logits(Batch batch, Dropout dropout) {
    passes.add(batch.size());
    NDArray logits = model.logits(batch, dropout);
    if (batch.size() > room) {
      return logits.getManager().zeros(TOO_LARGE);
    }
    return logits;
  }

  @Override
  public long passBytes(Batch batch) {
    return passBytes * batch.size();
  }

  @Override
  public Device device() {
    return model.device();
  }

  @Override
  public int vocabularySize() {
    return model.vocabularySize();
  }

  @Override
  public Parameters parameters() {
    return model.parameters();
  }

  @Override
  public Batch encode(List<Example> examples, NDManager manager) {
    return model.encode(examples, manager);
  }

  @Override
  public int layers() {
    return model.layers();
  }

  @Override
  public NDArray activations(Batch batch, int layer) {
    return model.activations(batch, layer);
  }

  @Override
  public void save(Path directory) {
    model.save(directory);
  }

  @Override
  public Model copy() {
    return new WatchedModel(model.copy(), room, passBytes);
  }

  @Override
  public Model frozenCopy() {
    return model.frozenCopy();
  }

  @Override
  public Model untrained(long seed) {
    return model.untrained(seed);
  }

  @Override
  public void close() {
    model.close();
  }
}
