package io.recant.jobs.train;

import static org.apache.spark.sql.functions.col;

import io.recant.core.error.ConfigException;
import io.recant.core.registry.Configured;
import io.recant.core.table.Table;
import io.recant.jobs.cells.ModelCell;
import io.recant.jobs.cells.ModelFamilies;
import io.recant.jobs.cells.OverheadAdvice;
import io.recant.jobs.cells.ParquetExamples;
import io.recant.jobs.cells.SettingsText;
import io.recant.jobs.cells.StoredPicture;
import io.recant.jobs.cells.TrainingCell;
import io.recant.jobs.train.TrainConfig.ModelPlan;
import io.recant.jobs.train.TrainConfig.Variant;
import io.recant.ml.data.ImageShape;
import io.recant.ml.model.Modality;
import io.recant.ml.model.ModelFamily;
import io.recant.ml.train.OptimizationSettings;
import io.recant.spark.grid.Cell;
import io.recant.spark.grid.Grid;
import io.recant.spark.model.ModelFiles;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/**
 * Trains models that do not exist yet: the victim, and the references that unlearning is judged by.
 */
public final class TrainStep implements Step<TrainConfig> {

  /** The method name of a base model, which knows nothing of the damage. */
  static final String BASE = "base";

  @Override
  public String name() {
    return "train";
  }

  @Override
  public String summary() {
    return "Trains the model with the bad data in it, and the references: the oracle and the retrained model.";
  }

  @Override
  public Class<TrainConfig> settings() {
    return TrainConfig.class;
  }

  @Override
  public boolean readsOriginals() {
    return true;
  }

  @Override
  public Set<Table> reads(TrainConfig config) {
    return Set.of(
        Table.SAMPLES, Table.CLASSES, Table.INJECTIONS, Table.FORGET, Table.RETAIN, Table.REVIEW);
  }

  @Override
  public Set<Table> writes(TrainConfig config) {
    return Set.of(Table.CHECKPOINTS, Table.TRAINING_LOG);
  }

  @Override
  public void check(TrainConfig config) {
    Set<String> names = new HashSet<>();
    for (ModelPlan plan : config.models()) {
      if (!names.add(plan.model())) {
        throw new ConfigException("train.models: two models are named '" + plan.model() + "'");
      }
      ModelFamilies.load().configure(plan.family(), "train.models." + plan.model() + ".family");
    }
  }

  @Override
  public List<String> advice(TrainConfig config, Configuration hadoop) {
    List<String> advice = new ArrayList<>();
    for (ModelPlan plan : config.models()) {
      ModelFamily<?> family = ModelFamilies.load().get(plan.family().name(), "family");
      Set<String> directories = new TreeSet<>(plan.given(plan.seeds().get(0)).values());
      plan.start().ifPresent(directories::add);
      for (String directory : directories) {
        GivenModels.config(directory, hadoop)
            .flatMap(json -> family.size(json, directory))
            .map(
                size ->
                    OverheadAdvice.of(size, plan.training().batchSize())
                        .words("model '" + plan.model() + "', " + directory + ",", size))
            .ifPresentOrElse(
                advice::add,
                () ->
                    advice.add(
                        "nothing can be said of what "
                            + directory
                            + " needs: there is no config.json to be read"));
      }
    }
    return advice;
  }

  @Override
  public void run(TrainConfig config, StepContext context) {
    Map<String, Start> starts = new HashMap<>();
    for (ModelPlan plan : config.models()) {
      starts.put(plan.model(), start(plan, context));
    }
    // Models that need no base train beside the bases of those that do.
    List<Cell<TrainingCell.Spec>> first = baseCells(config, context, starts);
    first.addAll(variantCells(config, context, starts, plan -> plan.pretraining().isEmpty()));
    List<ModelCell.Result> results = new ArrayList<>(train(config, context, "training", first));
    for (ModelCell.Result base : results) {
      starts.put(
          base.model() + "/" + base.seed(),
          new Start(path(context, base.uri()), base.sha256(), true));
    }
    results.addAll(
        train(
            config,
            context,
            "continued training",
            variantCells(config, context, starts, plan -> plan.pretraining().isPresent())));
    results.addAll(GivenModels.copied(config, context));
    ModelCell.write(context, results);
  }

  /** What a cell begins with: nothing, a tokenizer, or a model to continue. */
  private record Start(String directory, String hash, boolean continues) {}

  private static Start start(ModelPlan plan, StepContext context) {
    if (plan.start().isPresent()) {
      Configuration hadoop = context.spark().sparkContext().hadoopConfiguration();
      try (ModelFiles files = ModelFiles.stage(new Path(plan.start().get()), hadoop)) {
        return new Start(
            GivenModels.qualified(plan.start().get(), hadoop), files.weightsSha256(), true);
      }
    }
    if (family(plan).extension().modality() != Modality.TEXT) {
      return new Start(null, null, false);
    }
    CorpusTokenizer.Written tokenizer = CorpusTokenizer.write(context, plan);
    return new Start(tokenizer.folder(), tokenizer.sha256(), false);
  }

  private static List<Cell<TrainingCell.Spec>> baseCells(
      TrainConfig config, StepContext context, Map<String, Start> starts) {
    List<Cell<TrainingCell.Spec>> cells = new ArrayList<>();
    for (ModelPlan plan : config.models()) {
      plan.pretraining()
          .ifPresent(
              pretraining ->
                  plan.seeds()
                      .forEach(
                          seed ->
                              cells.add(
                                  cell(
                                      config,
                                      context,
                                      plan,
                                      BASE,
                                      seed,
                                      pretraining,
                                      files(context, plan, Table.SAMPLES),
                                      damage(context, plan),
                                      plan.pretrainingSplits(),
                                      starts.get(plan.model())))));
    }
    return cells;
  }

  /**
   * Rows that are there since the damage alone: samples are read as they were before what was
   * injected; where nothing was, the forget set is what should never have been there.
   */
  private static List<String> damage(StepContext context, ModelPlan plan) {
    return files(context, plan, Table.INJECTIONS).isEmpty()
        ? files(context, plan, Table.FORGET)
        : List.of();
  }

  private static List<Cell<TrainingCell.Spec>> variantCells(
      TrainConfig config,
      StepContext context,
      Map<String, Start> starts,
      Predicate<ModelPlan> which) {
    List<Cell<TrainingCell.Spec>> cells = new ArrayList<>();
    for (ModelPlan plan : config.models()) {
      for (Variant variant : plan.variants()) {
        if (!which.test(plan) || plan.given().containsKey(variant.method())) {
          continue;
        }
        List<String> files = new ArrayList<>(files(context, plan, Table.RETAIN));
        files.addAll(files(context, plan, Table.REVIEW));
        if (variant != Variant.RETRAINED) {
          files.addAll(files(context, plan, Table.FORGET));
        }
        List<String> leftOut =
            variant == Variant.ORACLE ? files(context, plan, Table.INJECTIONS) : List.of();
        for (long seed : plan.seeds()) {
          Start start = starts.getOrDefault(plan.model() + "/" + seed, starts.get(plan.model()));
          cells.add(
              cell(
                  config,
                  context,
                  plan,
                  variant.method(),
                  seed,
                  plan.training(),
                  files,
                  leftOut,
                  List.of(),
                  start));
        }
      }
    }
    return cells;
  }

  private static Cell<TrainingCell.Spec> cell(
      TrainConfig config,
      StepContext context,
      ModelPlan plan,
      String method,
      long seed,
      OptimizationSettings training,
      List<String> files,
      List<String> leftOut,
      List<String> moreSplits,
      Start start) {
    TreeSet<String> splits = new TreeSet<>(moreSplits);
    splits.add("train");
    Configured<ModelFamily<?>> family = family(plan);
    Modality modality = family.extension().modality();
    TrainingCell.Spec spec =
        new TrainingCell.Spec(
            "train.models." + plan.model(),
            plan.model(),
            method,
            seed,
            plan.corpus(),
            family.name(),
            SettingsText.write(family.settings()),
            SettingsText.write(training),
            modality == Modality.TEXT ? List.of() : classes(context, plan),
            modality == Modality.VECTOR ? dimension(context, plan) : 0,
            modality == Modality.IMAGE ? pictures(context, plan) : null,
            files,
            leftOut,
            null,
            splits,
            start.directory(),
            start.hash(),
            start.continues(),
            context.runDirectory().path().toString(),
            ModelCell.uri(plan.model(), method, seed),
            config.device());
    // Models of texts and pictures take far longer a row than heads on vectors.
    double cost = files.size() * training.epochs() * (modality == Modality.VECTOR ? 1.0 : 100.0);
    return new Cell<>(plan.model() + "." + method + "." + seed, cost, spec);
  }

  private static List<ModelCell.Result> train(
      TrainConfig config, StepContext context, String what, List<Cell<TrainingCell.Spec>> cells) {
    return cells.isEmpty()
        ? List.of()
        : Grid.run(
            context,
            what,
            cells,
            config.device(),
            ModelCell.Result.class,
            new TrainingCell(config.cells()));
  }

  private static Configured<ModelFamily<?>> family(ModelPlan plan) {
    return ModelFamilies.load()
        .configure(plan.family(), "train.models." + plan.model() + ".family");
  }

  private static List<String> files(StepContext context, ModelPlan plan, Table table) {
    return ParquetExamples.ofCorpus(context.files(table), plan.corpus());
  }

  private static List<String> classes(StepContext context, ModelPlan plan) {
    List<String> classes =
        context
            .read(Table.CLASSES)
            .where(col("corpus").equalTo(plan.corpus()))
            .orderBy("class_index")
            .select("class_name")
            .as(Encoders.STRING())
            .collectAsList();
    if (classes.isEmpty()) {
      throw new ConfigException(
          "train.models."
              + plan.model()
              + ": corpus '"
              + plan.corpus()
              + "' has no classes; is it a classification corpus?");
    }
    return classes;
  }

  private static ImageShape pictures(StepContext context, ModelPlan plan) {
    return context
        .read(Table.RETAIN)
        .where(col("corpus").equalTo(plan.corpus()).and(col("image").isNotNull()))
        .select("image")
        .limit(1)
        .as(Encoders.BINARY())
        .collectAsList()
        .stream()
        .map(image -> StoredPicture.decode(image).shape())
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigException(
                    "train.models."
                        + plan.model()
                        + ": corpus '"
                        + plan.corpus()
                        + "' has no pictures; see 'recant list families' for models that read text"
                        + " or vectors"));
  }

  private static int dimension(StepContext context, ModelPlan plan) {
    List<Row> first =
        context
            .read(Table.RETAIN)
            .where(col("corpus").equalTo(plan.corpus()).and(col("vector").isNotNull()))
            .selectExpr("size(vector)")
            .limit(1)
            .collectAsList();
    if (first.isEmpty()) {
      throw new ConfigException(
          "train.models."
              + plan.model()
              + ": corpus '"
              + plan.corpus()
              + "' has no vectors to train on; run features first");
    }
    return first.get(0).getInt(0);
  }

  private static String path(StepContext context, String uri) {
    return new Path(context.runDirectory().path(), uri).toString();
  }
}
