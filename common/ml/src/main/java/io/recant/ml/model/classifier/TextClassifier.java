package io.recant.ml.model.classifier;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.InputException;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.data.Example;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Dropout;
import io.recant.ml.model.Model;
import io.recant.ml.model.ModelDirectory;
import io.recant.ml.model.Parameters;
import io.recant.ml.model.SquaredGradients;
import java.nio.file.Path;
import java.util.List;

/**
 * A {@link Perceptron} that tells embedding vectors into named classes. An example's target is a
 * class name; an example without one has an empty mask, for prediction only.
 */
public final class TextClassifier implements Model, SquaredGradients {

  static final String MODEL_TYPE = "recant-text-classifier";

  private final NDManager manager;
  private final Perceptron perceptron;
  private final ClassLabels classes;

  /**
   * @param manager owner of the parameters, from here on this model's own
   */
  TextClassifier(NDManager manager, Perceptron perceptron, ClassLabels classes) {
    this.manager = manager;
    this.perceptron = perceptron;
    this.classes = classes;
  }

  /** The class names in the order of the logits. */
  public List<String> classes() {
    return classes.names();
  }

  @Override
  public Device device() {
    return manager.getDevice();
  }

  @Override
  public int vocabularySize() {
    return classes.size();
  }

  @Override
  public Parameters parameters() {
    return perceptron.parameters();
  }

  @Override
  public Batch encode(List<Example> examples, NDManager owner) {
    int rows = examples.size();
    int dimension = inputs();
    float[] vectors = new float[Math.multiplyExact(rows, dimension)];
    for (int i = 0; i < rows; i++) {
      Example example = examples.get(i);
      if (example.vector() == null || example.vector().length != dimension) {
        throw new InputException(
            "sample "
                + example.id()
                + ": its vector has "
                + (example.vector() == null ? 0 : example.vector().length)
                + " dimensions, the classifier reads "
                + dimension);
      }
      System.arraycopy(example.vector(), 0, vectors, i * dimension, dimension);
    }
    NDList inputs = new NDList(owner.create(vectors, new Shape(rows, dimension)));
    return classes.batch(inputs, examples, owner);
  }

  @Override
  public NDArray logits(Batch batch, Dropout dropout) {
    return perceptron.logits(batch.inputs().get(0), dropout).expandDims(1);
  }

  /** The hidden layer is the only one. */
  @Override
  public int layers() {
    return 1;
  }

  @Override
  public NDArray activations(Batch batch, int layer) {
    return perceptron.hidden(batch.inputs().get(0)).expandDims(1);
  }

  /**
   * With {@code e = softmax(z) - onehot(y)} and {@code h} the hidden activations, an example's
   * gradients are outer products: {@code e h'} for the output, {@code ((W2' e) [h > 0]) x'} for the
   * hidden layer; so the sum of their squares over a batch is a product of squared matrices.
   */
  @Override
  public List<NDArray> sumOfSquaredGradients(Batch batch) {
    try (GradMode off = GradMode.inference()) {
      NDArray x = batch.inputs().get(0);
      NDArray hidden = perceptron.hidden(x);
      NDArray counted = batch.weights().expandDims(1).mul(batch.mask());
      NDArray error =
          perceptron
              .output(hidden)
              .softmax(-1)
              .sub(batch.labels().squeeze(1).oneHot(classes.size()));
      NDArray active = hidden.gt(0).toType(hidden.getDataType(), false);
      NDArray backError =
          error.matMul(perceptron.parameters().get(Perceptron.OUTPUT_WEIGHT)).mul(active);
      NDArray outer = error.square().mul(counted);
      NDArray inner = backError.square().mul(counted);
      return List.of(
          inner.transpose().matMul(x.square()),
          inner.sum(new int[] {0}),
          outer.transpose().matMul(hidden.square()),
          outer.sum(new int[] {0}));
    }
  }

  @Override
  public void save(Path directory) {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.putArray("architectures").add("TextClassifier");
    config.put("model_type", MODEL_TYPE);
    config.put("vector_size", inputs());
    config.put("hidden_size", hiddenSize());
    config.put("classifier_dropout", perceptron.dropout());
    classes.write(config);
    ModelDirectory.writeConfig(directory, config);
    parameters().save(directory);
  }

  private int inputs() {
    return (int) parameters().get(Perceptron.HIDDEN_WEIGHT).getShape().get(1);
  }

  private int hiddenSize() {
    return (int) parameters().get(Perceptron.HIDDEN_WEIGHT).getShape().get(0);
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
    return new TextClassifier(
        own, new Perceptron(parameters().copyTo(own, frozen), perceptron.dropout()), classes);
  }

  @Override
  public Model untrained(long seed) {
    NDManager own = Devices.manager(device());
    return new TextClassifier(
        own,
        Perceptron.create(inputs(), hiddenSize(), classes.size(), perceptron.dropout(), seed, own),
        classes);
  }

  @Override
  public void close() {
    manager.close();
  }
}
