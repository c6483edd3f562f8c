package io.recant.jobs.unlearn;

import static org.apache.spark.sql.functions.col;

import io.recant.core.config.Strategy;
import io.recant.core.error.ConfigException;
import io.recant.core.error.InputException;
import io.recant.core.registry.Configured;
import io.recant.core.table.Table;
import io.recant.jobs.cells.ModelCell;
import io.recant.jobs.cells.ParquetExamples;
import io.recant.jobs.cells.SettingsText;
import io.recant.jobs.unlearn.UnlearnConfig.Plan;
import io.recant.ml.unlearn.UnlearningMethod;
import io.recant.spark.grid.Cell;
import io.recant.spark.grid.Grid;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;

/** Makes victims unlearn the forget set: every model with every method and seed, one cell each. */
public final class UnlearnStep implements Step<UnlearnConfig> {

  @Override
  public String name() {
    return "unlearn";
  }

  @Override
  public String summary() {
    return "Makes models unlearn the forget set: a grid of models, methods and seeds, one task each.";
  }

  @Override
  public Class<UnlearnConfig> settings() {
    return UnlearnConfig.class;
  }

  @Override
  public Set<Table> reads(UnlearnConfig config) {
    return Set.of(Table.FORGET, Table.RETAIN, Table.CHECKPOINTS);
  }

  @Override
  public Set<Table> writes(UnlearnConfig config) {
    return Set.of(Table.CHECKPOINTS, Table.TRAINING_LOG);
  }

  @Override
  public void check(UnlearnConfig config) {
    for (Plan plan : config.grid()) {
      plan.methods().forEach(method -> Methods.load().configure(method, where(plan)));
    }
  }

  @Override
  public void run(UnlearnConfig config, StepContext context) {
    List<Cell<UnlearningCell.Spec>> cells = new ArrayList<>();
    for (Plan plan : config.grid()) {
      for (long seed : plan.seeds()) {
        Row victim = victim(context, plan, seed);
        for (Strategy method : plan.methods()) {
          cells.add(cell(config, context, plan, victim, method, seed));
        }
      }
    }
    ModelCell.write(
        context,
        Grid.run(
            context,
            "unlearning",
            cells,
            config.device(),
            ModelCell.Result.class,
            new UnlearningCell(config.cells())));
  }

  private static Cell<UnlearningCell.Spec> cell(
      UnlearnConfig config,
      StepContext context,
      Plan plan,
      Row victim,
      Strategy strategy,
      long seed) {
    Configured<UnlearningMethod<?>> method = Methods.load().configure(strategy, where(plan));
    String corpus = victim.getAs("corpus");
    List<String> retain = ParquetExamples.ofCorpus(context.files(Table.RETAIN), corpus);
    if (retain.isEmpty()) {
      throw new InputException(
          "corpus "
              + corpus
              + " has no retained sample, so nothing says what the model should keep; look at its"
              + " decisions, or forget less with decide.cut");
    }
    UnlearningCell.Spec spec =
        new UnlearningCell.Spec(
            plan.model(),
            plan.named(method.name()),
            method.name(),
            seed,
            corpus,
            victim.getAs("family"),
            SettingsText.write(method.settings()),
            plan.lora().map(SettingsText::write).orElse(null),
            plan.layers(),
            new Path(context.runDirectory().path(), victim.<String>getAs("uri")).toString(),
            victim.getAs("sha256"),
            ParquetExamples.ofCorpus(context.files(Table.FORGET), corpus),
            retain,
            config.maxSteps(),
            context.runDirectory().path().toString(),
            ModelCell.uri(plan.model(), plan.named(method.name()), seed),
            config.device());
    // What a training of the victim cost is the best guess at what changing it costs.
    return new Cell<>(
        plan.model() + "." + plan.named(method.name()) + "." + seed,
        victim.<Double>getAs("seconds"),
        spec);
  }

  private static Row victim(StepContext context, Plan plan, long seed) {
    List<Row> victims =
        context
            .read(Table.CHECKPOINTS)
            .where(
                col("model")
                    .equalTo(plan.model())
                    .and(col("method").equalTo("victim"))
                    .and(col("seed").equalTo(seed)))
            .collectAsList();
    if (victims.isEmpty()) {
      throw new ConfigException(
          where(plan)
              + ": there is no victim '"
              + plan.model()
              + "' of seed "
              + seed
              + " in checkpoints; train it, or bring it with train.models.given");
    }
    return victims.get(0);
  }

  private static String where(Plan plan) {
    return "unlearn.grid." + plan.model();
  }
}
