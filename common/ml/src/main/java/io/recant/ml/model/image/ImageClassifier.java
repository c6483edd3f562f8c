package io.recant.ml.model.image;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.recant.core.error.InputException;
import io.recant.ml.data.Example;
import io.recant.ml.data.Image;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.Model;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.Parameter;
import io.recant.ml.model.Parameters;
import io.recant.ml.model.SquaredGradients;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A convolutional network that tells pictures of one size into named classes. An example's target
 * is a class name; an example without one has an empty mask, for prediction only.
 *
 * <p>A pass whose {@link Dropout} is on is one of a training: pictures are {@linkplain Augmentation
 * augmented}, units before the head silenced, and batch normalisation takes its statistics from the
 * rows that go through the model together, and moves its running statistics towards them. A
 * minibatch that goes through in parts is normalised part by part.
 *
 * <p>Any other pass, under gradient or not, changes nothing and normalises by the running
 * statistics. Unlearning methods ask for the model as it is used: they fine-tune with frozen batch
 * normalisation. That is on purpose. Their sets are small and of odd composition, and statistics
 * taken from a forget set would damage what the model does to all other pictures. It also makes the
 * answer to a picture, and its gradient, independent of the pictures beside it.
 */
public final class ImageClassifier implements Model, SquaredGradients {

  private final NDManager manager;
  private final ImageConfig config;
  private final Network network;
  private final Parameters parameters;

  /**
   * @param manager owner of the parameters, from here on this model's own
   */
  ImageClassifier(NDManager manager, ImageConfig config, Parameters parameters) {
    this.manager = manager;
    this.config = config;
    this.network = config.network();
    this.parameters = parameters;
  }

  /** The class names in the order of the logits. */
  public List<String> classes() {
    return config.classes().names();
  }

  @Override
  public Device device() {
    return manager.getDevice();
  }

  @Override
  public int vocabularySize() {
    return config.classes().size();
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  /** The inputs are the pixels as they are, (N, H, W, C) uint8. */
  @Override
  public Batch encode(List<Example> examples, NDManager owner) {
    int rows = examples.size();
    ByteBuffer pixels = ByteBuffer.allocateDirect(Math.toIntExact(rows * config.image().size()));
    for (Example example : examples) {
      Image image = example.image();
      if (image == null || !image.shape().equals(config.image())) {
        throw new InputException(
            "sample "
                + example.id()
                + ": "
                + (image == null ? "it has no picture" : "its picture has " + image.shape())
                + ", the classifier reads "
                + config.image());
      }
      pixels.put(image.pixels());
    }
    pixels.rewind();
    Shape shape =
        new Shape(rows, config.image().height(), config.image().width(), config.image().channels());
    NDList inputs = new NDList(owner.create(pixels, shape, DataType.UINT8));
    return config.classes().batch(inputs, examples, owner);
  }

  @Override
  public NDArray logits(Batch batch, Dropout dropout) {
    Layers layers =
        new Layers(
            parameters, dropout.isOn() ? Layers.Statistics.BATCH : Layers.Statistics.RUNNING);
    return logits(batch, dropout, layers);
  }

  private NDArray logits(Batch batch, Dropout dropout, Layers layers) {
    List<NDArray> blocks = blocks(batch, dropout, layers);
    NDArray features = dropout.apply(blocks.get(blocks.size() - 1), config.dropout());
    return layers.linear(network.head(), features).expandDims(1);
  }

  private List<NDArray> blocks(Batch batch, Dropout dropout, Layers layers) {
    NDArray pixels = config.augmentation().apply(batch.inputs().get(0), dropout);
    return network.blocks(config.scaling().apply(pixels), layers);
  }

  /** What the network holds, its pixels as numbers, and the gradients on the way back. */
  @Override
  public long passBytes(Batch batch) {
    long scaled = 4 * config.image().size();
    return 2 * Float.BYTES * (network.held() + scaled) * batch.size();
  }

  /** The blocks of the network; the last is what the head reads. */
  @Override
  public int layers() {
    return network.depth();
  }

  /** Of a feature map each channel's mean. */
  @Override
  public NDArray activations(Batch batch, int layer) {
    Layers layers = new Layers(parameters, Layers.Statistics.RUNNING);
    NDArray block = blocks(batch, Dropout.off(), layers).get(layer - 1);
    Shape perChannel = block.getShape().slice(0, 2).add(-1);
    return block.reshape(perChannel).mean(new int[] {2}).expandDims(1);
  }

  @Override
  public List<NDArray> sumOfSquaredGradients(Batch batch) {
    Map<String, NDArray> sums =
        new SampleGradients(parameters, batch)
            .sumOfSquares(layers -> logits(batch, Dropout.off(), layers));
    List<NDArray> inOrder = new ArrayList<>();
    for (Parameter parameter : parameters) {
      if (parameter.trainable()) {
        inOrder.add(sums.get(parameter.name()));
      }
    }
    return inOrder;
  }

  @Override
  public void save(Path directory) {
    ModelDirectory.writeConfig(directory, config.json());
    parameters.save(directory);
  }

  @Override
  public Model copy() {
    return copy(false);
  }

  @Override
  public Model frozenCopy() {
    return copy(true);
  }

  private Model copy(boolean frozen) {
    NDManager own = Devices.manager(device());
    return new ImageClassifier(own, config, parameters.copyTo(own, frozen));
  }

  @Override
  public Model untrained(long seed) {
    return untrained(config, seed, device());
  }

  /** A model of that configuration that has learned nothing. */
  static ImageClassifier untrained(ImageConfig config, long seed, Device device) {
    NDManager own = Devices.manager(device);
    return new ImageClassifier(own, config, NetworkParameters.draw(config.network(), seed, own));
  }

  @Override
  public void close() {
    manager.close();
  }
}
