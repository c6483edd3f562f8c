package io.recant.ml.model.image;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.autograd.Autograd;
import io.recant.ml.autograd.GradMode;
import io.recant.ml.loss.TokenLoss;
import io.recant.ml.model.Batch;
import io.recant.ml.model.Parameters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The squared gradients of single pictures, for a batch in one backward pass. Outside of a training
 * no picture's loss depends on another picture, so that the gradient of the summed loss at a
 * layer's output holds every picture's own: e. With x the layer's input, a picture's gradient is
 * {@code e x'} for linear weights, for each of the nine places of a convolution's window the sum
 * over pixels of {@code e x'} with x moved to that place, for a normalisation's factor the sum over
 * pixels of e times the normalised x, and for a bias the sum of e.
 */
final class SampleGradients {

  /** How many numbers single gradients may take at once: of a wide layer they are many. */
  private static final long MOST_AT_ONCE = 1 << 24;

  private static final String PLACES = ":,:,{}:{},{}:{}";

  private record Layer(Layers.Kind kind, String name, NDArray input, NDArray error) {}

  private final Parameters constants;
  private final Batch batch;
  private final NDManager owner;
  private final List<Layer> layers = new ArrayList<>();
  private final Map<String, NDArray> sums = new HashMap<>();

  /**
   * @param parameters left as they are, and their gradients too: the pass is one of a copy
   * @param batch owner of the results
   */
  SampleGradients(Parameters parameters, Batch batch) {
    this.batch = batch;
    owner = batch.labels().getManager();
    constants = parameters.copyTo(owner, true);
  }

  /**
   * Element by element the weighted sum of the pictures' squared gradients, by the name of the
   * array.
   *
   * @param logits the network: from its layers to the logits of the batch
   */
  Map<String, NDArray> sumOfSquares(Function<Layers, NDArray> logits) {
    try (GradMode on = GradMode.training()) {
      NDArray answers =
          logits.apply(new Layers(constants, Layers.Statistics.RUNNING, this::watched));
      Autograd.backward(TokenLoss.sequence(answers, batch.labels(), batch.mask()).sum());
    }
    try (GradMode off = GradMode.inference()) {
      for (Layer layer : layers) {
        add(layer, Autograd.gradient(layer.error(), owner));
      }
    }
    return sums;
  }

  /** What is added is zero; its gradient is the output's. */
  private NDArray watched(Layers.Kind kind, String name, NDArray input, NDArray output) {
    NDArray zero = owner.zeros(output.getShape(), output.getDataType());
    Autograd.track(List.of(zero));
    layers.add(new Layer(kind, name, input, zero));
    return output.add(zero);
  }

  private void add(Layer layer, NDArray error) {
    NDArray weight =
        switch (layer.kind()) {
          case LINEAR -> linear(layer.input(), error);
          case CONVOLUTION -> convolution(layer.input(), error);
          case NORMALISATION -> weighted(overPixels(error.mul(normalised(layer))));
        };
    sums.put(layer.name() + Layers.WEIGHT, weight);
    sums.put(layer.name() + Layers.BIAS, weighted(overPixels(error)));
  }

  /** The square of an outer product is the outer product of squares. */
  private NDArray linear(NDArray input, NDArray error) {
    return error.square().mul(batch.weights().expandDims(1)).transpose().matMul(input.square());
  }

  private NDArray convolution(NDArray input, NDArray error) {
    long to = error.getShape().get(1);
    long from = input.getShape().get(1);
    int height = (int) error.getShape().get(2);
    int width = (int) error.getShape().get(3);
    NDArray padded = input.pad(new Shape(1, 1, 1, 1), 0);
    NDArray errors = error.reshape(batch.size(), to, -1);
    NDList places = new NDList();
    for (int y = 0; y < 3; y++) {
      for (int x = 0; x < 3; x++) {
        try (NDManager scope = owner.newSubManager()) {
          NDArray moved = padded.get(new NDIndex(PLACES, y, y + height, x, x + width));
          moved.attach(scope);
          places.add(products(errors, moved.reshape(batch.size(), from, -1), to * from));
        }
      }
    }
    return NDArrays.stack(places, -1).reshape(to, from, 3, 3);
  }

  /** (N, C', P) and (N, C, P) to the weighted sum of squares of their products, (C', C). */
  private NDArray products(NDArray errors, NDArray inputs, long size) {
    int most = (int) Math.max(1, Math.min(batch.size(), MOST_AT_ONCE / size));
    NDArray sum = owner.zeros(new Shape(errors.getShape().get(1), inputs.getShape().get(1)));
    for (int first = 0; first < batch.size(); first += most) {
      NDIndex some = new NDIndex("{}:{}", first, Math.min(batch.size(), first + most));
      try (NDManager scope = owner.newSubManager()) {
        NDArray rows = errors.get(some);
        rows.attach(scope);
        NDArray columns = inputs.get(some).transpose(0, 2, 1);
        columns.attach(scope);
        NDArray weights = batch.weights().get(some);
        weights.attach(scope);
        sum.addi(weighted(rows.matMul(columns), weights));
      }
    }
    return sum;
  }

  private NDArray normalised(Layer layer) {
    Shape perChannel = new Shape(-1, 1, 1);
    NDArray mean = constants.get(layer.name() + Layers.RUNNING_MEAN).reshape(perChannel);
    NDArray variance = constants.get(layer.name() + Layers.RUNNING_VARIANCE).reshape(perChannel);
    return layer.input().sub(mean).div(variance.add(Layers.EPSILON).sqrt());
  }

  /** (N, C) or (N, C, H, W) to (N, C). */
  private static NDArray overPixels(NDArray x) {
    return x.getShape().dimension() == 2 ? x : x.sum(new int[] {2, 3});
  }

  private NDArray weighted(NDArray single) {
    return weighted(single, batch.weights());
  }

  /** (N, ...) to (...): the weighted sum of squares over N. */
  private static NDArray weighted(NDArray single, NDArray weights) {
    Shape shape = single.getShape();
    NDArray squares = single.square().reshape(shape.get(0), -1);
    return weights.expandDims(0).matMul(squares).reshape(shape.slice(1));
  }
}
