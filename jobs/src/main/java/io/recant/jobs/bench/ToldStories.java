package io.recant.jobs.bench;

import io.recant.core.config.Strategy;
import io.recant.core.registry.Configured;
import io.recant.core.registry.Registry;
import io.recant.ml.causal.CausalModel;
import io.recant.ml.causal.Generation;
import io.recant.ml.causal.GenerationSettings;
import io.recant.ml.data.Example;
import io.recant.ml.data.Examples;
import io.recant.ml.model.Likelihood;
import io.recant.ml.unlearn.UnlearningMethod;
import io.recant.ml.unlearn.UnlearningTask;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Stories a model knows by heart, because it told them itself: an opening is drawn, and what
 * follows is what the model finds most likely at every token. A third is to be forgotten, a third
 * held by the retain term, and a third is never shown: what is lost there is lost everywhere.
 * Stories are cut off at a length, so of each only its end, one token, is not known by heart.
 */
final class ToldStories {

  private static final StructType SCORES =
      (StructType)
          DataType.fromDDL(
              "method string, stories string, n int, probability double, exact_memorisation double,"
                  + " steps bigint");
  private static final int BATCH = 16;
  private static final double TEMPERATURE = 1;
  private static final double TOP_P = 0.95;

  private final CausalModel model;
  private final LanguageModelBenchmark.Settings settings;
  private final BenchContext context;
  private final Map<String, List<Example>> stories = new LinkedHashMap<>();
  private final List<Row> scores = new ArrayList<>();

  private ToldStories(
      CausalModel model, LanguageModelBenchmark.Settings settings, BenchContext context) {
    this.model = model;
    this.settings = settings;
    this.context = context;
  }

  /** Table {@code forgetting}: the model before, and a copy of it after each method. */
  static void forget(
      CausalModel model, LanguageModelBenchmark.Settings settings, BenchContext context) {
    ToldStories told = new ToldStories(model, settings, context);
    told.tell();
    told.score("before", model, 0);
    Registry<UnlearningMethod<?>> methods =
        Registry.load(UnlearningMethod.class, "unlearning method");
    for (Strategy strategy : settings.methods()) {
      told.forget(methods.configure(strategy, "bench language-model"));
    }
    context.table("forgetting", context.spark().createDataFrame(told.scores, SCORES));
  }

  private void tell() {
    int parts = 3;
    Set<String> openings = new LinkedHashSet<>();
    // A small model now and then opens two stories alike.
    for (long seed = context.seed(); openings.size() < parts * settings.stories(); seed++) {
      GenerationSettings drawn =
          new GenerationSettings(settings.openingTokens(), TEMPERATURE, 0, TOP_P, BATCH, seed);
      List<String> nothing = Collections.nCopies(parts * settings.stories(), "");
      openings.addAll(new Generation(model, drawn).continuations(nothing));
    }
    List<String> prompts = List.copyOf(openings).subList(0, parts * settings.stories());
    List<String> targets =
        new Generation(model, GenerationSettings.greedy(settings.storyTokens()))
            .continuations(prompts);
    List<String> names = List.of("forget", "retain", "unseen");
    for (int i = 0; i < prompts.size(); i++) {
      String part = names.get(i / settings.stories());
      stories
          .computeIfAbsent(part, name -> new ArrayList<>())
          .add(new Example(part + i, prompts.get(i), targets.get(i), null));
    }
  }

  private void forget(Configured<UnlearningMethod<?>> method) {
    try (CausalModel copy = (CausalModel) model.copy();
        CausalModel reference = (CausalModel) model.frozenCopy()) {
      UnlearningTask task =
          new UnlearningTask(
              copy,
              Optional.of(reference),
              Examples.of(stories.get("forget")),
              Examples.of(stories.get("retain")),
              context.seed(),
              entry -> {},
              UnlearningTask.Limits.none(),
              System::nanoTime);
      score(method.name(), copy, unlearn(method, task));
      Example first = stories.get("forget").get(0);
      GenerationSettings greedy = GenerationSettings.greedy(settings.storyTokens());
      context.note("opening: " + first.input());
      context.note("before:  " + first.target());
      context.note(
          method.name()
              + ": "
              + new Generation(copy, greedy).continuations(List.of(first.input())).get(0));
    }
  }

  @SuppressWarnings("unchecked")
  private static <S extends Record> long unlearn(
      Configured<UnlearningMethod<?>> method, UnlearningTask task) {
    return ((UnlearningMethod<S>) method.extension()).unlearn((S) method.settings(), task).steps();
  }

  private void score(String method, CausalModel scored, long steps) {
    stories.forEach(
        (part, examples) -> {
          double probability = 0;
          double memorised = 0;
          for (Likelihood.Row row : Likelihood.of(scored, examples, BATCH)) {
            probability += Math.exp(-row.meanLoss()) / examples.size();
            memorised += (double) row.matches() / row.tokens() / examples.size();
          }
          scores.add(
              RowFactory.create(method, part, examples.size(), probability, memorised, steps));
        });
  }
}
