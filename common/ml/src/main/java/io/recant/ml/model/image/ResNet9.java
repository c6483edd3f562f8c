package io.recant.ml.model.image;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.pooling.Pool;
import io.recant.ml.data.ImageShape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The residual network of nine layers with which Page entered DAWNBench (How to Train Your ResNet,
 * 2018). A block is a convolution, batch normalisation and a rectifier: {@code prep} to w channels;
 * {@code layer1} to 2 w, pooled, and two blocks whose result is added to what they read; {@code
 * layer2} to 4 w, pooled; {@code layer3} to 8 w, pooled, and two blocks as before. The largest of
 * each channel goes to {@code linear}, which has a bias and no factor.
 *
 * @param image what it reads, at least 8 x 8 pixels
 * @param width w
 * @param classes K
 */
record ResNet9(ImageShape image, long width, long classes) implements Network {

  private static final String CONVOLUTION = ".conv";
  private static final String NORMALISATION = ".bn";
  private static final String RESIDUAL = ".residual";

  @Override
  public String head() {
    return "linear";
  }

  @Override
  public Map<String, Shape> shapes() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    putBlock(shapes, "prep", image.channels(), width);
    putBlock(shapes, "layer1", width, 2 * width);
    putResidual(shapes, "layer1", 2 * width);
    putBlock(shapes, "layer2", 2 * width, 4 * width);
    putBlock(shapes, "layer3", 4 * width, 8 * width);
    putResidual(shapes, "layer3", 8 * width);
    shapes.put("linear.weight", new Shape(classes, 8 * width));
    shapes.put("linear.bias", new Shape(classes));
    return shapes;
  }

  private static void putResidual(Map<String, Shape> shapes, String name, long channels) {
    putBlock(shapes, name + RESIDUAL + ".res1", channels, channels);
    putBlock(shapes, name + RESIDUAL + ".res2", channels, channels);
  }

  private static void putBlock(Map<String, Shape> shapes, String name, long from, long to) {
    String norm = name + NORMALISATION;
    shapes.put(name + CONVOLUTION + Layers.WEIGHT, new Shape(to, from, 3, 3));
    shapes.put(norm + Layers.WEIGHT, new Shape(to));
    shapes.put(norm + Layers.BIAS, new Shape(to));
    shapes.put(norm + Layers.RUNNING_MEAN, new Shape(to));
    shapes.put(norm + Layers.RUNNING_VARIANCE, new Shape(to));
  }

  @Override
  public int depth() {
    return 5;
  }

  @Override
  public List<NDArray> blocks(NDArray pixels, Layers layers) {
    NDArray prepared = block("prep", pixels, layers);
    NDArray first = residual("layer1", Layers.pool(block("layer1", prepared, layers)), layers);
    NDArray second = Layers.pool(block("layer2", first, layers));
    NDArray third = residual("layer3", Layers.pool(block("layer3", second, layers)), layers);
    return List.of(prepared, first, second, third, Pool.globalMaxPool2d(third));
  }

  private static NDArray residual(String name, NDArray x, Layers layers) {
    NDArray once = block(name + RESIDUAL + ".res1", x, layers);
    return x.add(block(name + RESIDUAL + ".res2", once, layers));
  }

  private static NDArray block(String name, NDArray x, Layers layers) {
    NDArray convolved = layers.convolution(name + CONVOLUTION, x);
    return Layers.relu(layers.normalisation(name + NORMALISATION, convolved));
  }

  /** Of a block three maps; pooled with the places of the largest, of 8 bytes; of a sum one. */
  @Override
  public long held() {
    long pixels = (long) image.height() * image.width();
    long blocks =
        3 * width * pixels
            + 3 * 2 * width * (pixels + 2 * pixels / 4)
            + 3 * 4 * width * pixels / 4
            + 3 * 8 * width * (pixels / 16 + 2 * pixels / 64);
    long pooled = 3 * (2 * width * pixels / 4 + 4 * width * pixels / 16 + 8 * width * pixels / 64);
    long sums = 2 * width * pixels / 4 + 8 * width * pixels / 64;
    return blocks + pooled + sums + 3 * 8 * width;
  }
}
