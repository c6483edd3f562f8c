package io.recant.ml.model.image;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.recant.ml.data.ImageShape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Two convolutions, each rectified and pooled, and a hidden layer: {@code conv1} to w channels,
 * {@code conv2} to 2 w, {@code fc1} to 4 w units, {@code fc2} to the classes.
 *
 * @param image what it reads, at least 4 x 4 pixels
 * @param width w
 * @param classes K
 */
record SmallCnn(ImageShape image, long width, long classes) implements Network {

  @Override
  public String head() {
    return "fc2";
  }

  @Override
  public Map<String, Shape> shapes() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put("conv1.weight", new Shape(width, image.channels(), 3, 3));
    shapes.put("conv1.bias", new Shape(width));
    shapes.put("conv2.weight", new Shape(2 * width, width, 3, 3));
    shapes.put("conv2.bias", new Shape(2 * width));
    shapes.put("fc1.weight", new Shape(4 * width, 2 * width * pooledTwice()));
    shapes.put("fc1.bias", new Shape(4 * width));
    shapes.put("fc2.weight", new Shape(classes, 4 * width));
    shapes.put("fc2.bias", new Shape(classes));
    return shapes;
  }

  private long pooledTwice() {
    return (long) (image.height() / 4) * (image.width() / 4);
  }

  @Override
  public int depth() {
    return 3;
  }

  @Override
  public List<NDArray> blocks(NDArray pixels, Layers layers) {
    NDArray first = Layers.pool(Layers.relu(layers.biasedConvolution("conv1", pixels)));
    NDArray second = Layers.pool(Layers.relu(layers.biasedConvolution("conv2", first)));
    NDArray flat = second.reshape(second.getShape().get(0), -1);
    return List.of(first, second, Layers.relu(layers.linear("fc1", flat)));
  }

  /** Before and after the rectifier, and pooled with the places of the largest, of 8 bytes. */
  @Override
  public long held() {
    long pixels = (long) image.height() * image.width();
    long first = 2 * width * pixels + 3 * width * pixels / 4;
    long second = 2 * 2 * width * pixels / 4 + 3 * 2 * width * pixels / 16;
    return first + second + 2 * 4 * width;
  }
}
