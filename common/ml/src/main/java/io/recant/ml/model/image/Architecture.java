package io.recant.ml.model.image;

import io.recant.ml.data.ImageShape;

/** The networks there are. */
public enum Architecture {
  /** {@link SmallCnn}. */
  SMALL_CNN(32) {
    @Override
    Network network(ImageShape image, int width, int classes) {
      return new SmallCnn(image, width, classes);
    }
  },
  /** {@link ResNet9}. */
  RESNET9(64) {
    @Override
    Network network(ImageShape image, int width, int classes) {
      return new ResNet9(image, width, classes);
    }
  };

  /** What every network can halve three times, in pixels. */
  static final int LEAST_SIDE = 8;

  private final int usualWidth;

  Architecture(int usualWidth) {
    this.usualWidth = usualWidth;
  }

  /** The channels of the first convolution where nothing else is said. */
  int usualWidth() {
    return usualWidth;
  }

  /**
   * @param width channels of the first convolution
   */
  abstract Network network(ImageShape image, int width, int classes);
}
