package io.recant.ml.model.image;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.recant.core.config.Setting;
import io.recant.core.error.ConfigException;
import io.recant.ml.data.ImageShape;
import io.recant.ml.device.Devices;
import io.recant.ml.model.Modality;
import io.recant.ml.model.Model;
import io.recant.ml.model.ModelFamily;
import io.recant.ml.model.TaskSpec;
import io.recant.ml.model.classifier.ClassLabels;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Convolutional classifiers of small pictures. */
public final class ImageClassifierFamily implements ModelFamily<ImageClassifierFamily.Settings> {

  /** The shape of a new classifier, and how it is trained. */
  public record Settings(
      @Setting(
              value =
                  "small_cnn: two convolutions and a hidden layer; resnet9: nine layers with batch"
                      + " normalisation and two residual blocks",
              defaultValue = "small_cnn")
          Architecture architecture,
      @Setting(
              value =
                  "channels of the first convolution; without it 32 for small_cnn, 64 for resnet9",
              defaultValue = "null",
              min = 1,
              max = 1024)
          Optional<Integer> width,
      @Setting(
              value =
                  "how pictures of a training are changed each time: none, crop (moved by up to 4"
                      + " pixels), crop_and_flip (and half of them mirrored)",
              defaultValue = "none")
          Augmentation augmentation,
      @Setting(
              value = "share of the units before the head silenced in training",
              defaultValue = "0",
              min = 0,
              max = 0.95)
          double dropout) {}

  @Override
  public String name() {
    return "image-classifier";
  }

  @Override
  public String summary() {
    return "A convolutional network that tells small pictures into classes.";
  }

  @Override
  public String source() {
    return "He et al., 2016, CVPR: Deep Residual Learning for Image Recognition; Page, 2018: How to"
        + " Train Your ResNet";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public Modality modality() {
    return Modality.IMAGE;
  }

  @Override
  public Set<String> modelTypes() {
    return Set.of(ImageConfig.MODEL_TYPE);
  }

  @Override
  public Model create(Settings settings, TaskSpec task, long seed, Device device) {
    ImageShape image =
        task.image()
            .filter(ImageConfig::isReadable)
            .orElseThrow(
                () ->
                    new ConfigException(
                        "an image-classifier needs pictures of one size, with sides from "
                            + Architecture.LEAST_SIDE
                            + " to "
                            + ImageConfig.MOST_SIDE
                            + " pixels, not "
                            + task.image().map(ImageShape::toString).orElse("none")));
    ImageConfig config =
        new ImageConfig(
            settings.architecture(),
            settings.width().orElse(settings.architecture().usualWidth()),
            image,
            PixelScaling.usual(image.channels()),
            new ClassLabels(task.classes()),
            settings.augmentation(),
            settings.dropout());
    if (config.network().shapes().values().stream().anyMatch(s -> s.size() > Integer.MAX_VALUE)) {
      throw new ConfigException(
          "an image-classifier of width " + config.width() + " for " + image + " is too large");
    }
    return ImageClassifier.untrained(config, seed, device);
  }

  @Override
  public Model load(Path directory, Device device) {
    ImageConfig config = ImageConfig.read(directory);
    NDManager manager = Devices.manager(device);
    try {
      return new ImageClassifier(
          manager, config, NetworkParameters.load(directory, config.network(), manager));
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }
}
