package io.recant.jobs.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.error.InputException;
import io.recant.core.manifest.Json;
import io.recant.core.redact.Redaction;
import io.recant.jobs.cells.ModelCell;
import io.recant.jobs.train.TrainConfig.ModelPlan;
import io.recant.ml.model.ModelDirectory;
import io.recant.spark.model.ModelFiles;
import io.recant.spark.step.StepContext;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Models that users bring. */
final class GivenModels {

  private GivenModels() {}

  /** Copies those that take the place of a variant, or of a base model, into the run. */
  static List<ModelCell.Result> copied(TrainConfig config, StepContext context) {
    List<ModelCell.Result> results = new ArrayList<>();
    for (ModelPlan plan : config.models()) {
      for (long seed : plan.seeds()) {
        plan.given(seed)
            .forEach(
                (variant, directory) ->
                    results.add(copied(plan, variant, directory, seed, context)));
      }
      if (plan.pretraining().isEmpty()) {
        // It is the same for every seed.
        plan.start()
            .ifPresent(
                directory ->
                    results.add(
                        copied(plan, TrainStep.BASE, directory, plan.seeds().get(0), context)));
      }
    }
    return results;
  }

  private static ModelCell.Result copied(
      ModelPlan plan, String variant, String directory, long seed, StepContext context) {
    Configuration hadoop = context.spark().sparkContext().hadoopConfiguration();
    String uri = ModelCell.uri(plan.model(), variant, seed);
    try (ModelFiles files = ModelFiles.stage(new Path(directory), hadoop)) {
      files.publish(new Path(context.runDirectory().path(), uri), hadoop);
      return new ModelCell.Result(
          plan.model(),
          variant,
          seed,
          plan.corpus(),
          plan.family().name(),
          uri,
          files.weightsSha256(),
          Json.sha256(Redaction.uris(directory)),
          0,
          "given",
          "none",
          0,
          0,
          List.of(),
          List.of());
    }
  }

  /** What a model directory says of itself; empty where it cannot be read from here. */
  static Optional<ObjectNode> config(String directory, Configuration hadoop) {
    Path file = new Path(directory, ModelDirectory.CONFIG);
    try (InputStream in = file.getFileSystem(hadoop).open(file)) {
      return Optional.of(Json.read(in.readAllBytes(), ObjectNode.class));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** A directory as it reads on an executor, whose working directory may be another. */
  static String qualified(String directory, Configuration hadoop) {
    Path path = new Path(directory);
    try {
      return path.getFileSystem(hadoop).makeQualified(path).toString();
    } catch (IOException e) {
      throw new InputException("cannot reach " + directory + ": " + e.getMessage(), e);
    }
  }
}
