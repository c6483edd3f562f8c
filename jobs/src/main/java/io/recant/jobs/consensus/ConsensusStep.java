package io.recant.jobs.consensus;

import static org.apache.spark.sql.functions.col;

import io.recant.core.crowd.Agreement;
import io.recant.core.crowd.Answers;
import io.recant.core.crowd.ConfusionCounts;
import io.recant.core.crowd.Fit;
import io.recant.core.crowd.HeldOut;
import io.recant.core.crowd.Method;
import io.recant.core.error.ConfigException;
import io.recant.core.table.Table;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/**
 * What annotators agree on, sample by sample, and how good each is. Of several methods the one is
 * taken whose consensus best foretells answers it was not shown ({@link HeldOut}); of equally good
 * ones the simplest. Nothing else is looked at, no truth and no given target.
 *
 * <p>Majority vote and Dawid-Skene always stand for choice, CROWDLAB where there are predictions.
 * Where annotators give fewer answers on average than a confusion matrix has free numbers, K (K -
 * 1), matrices cannot be told from the answers, and the models that share what annotators have in
 * common stand for choice too. Where no sample has two answers there is nothing to learn of
 * annotators: the vote decides.
 *
 * <p>Corpora without annotations or classes get no rows.
 */
public final class ConsensusStep implements Step<ConsensusConfig> {

  @Override
  public String name() {
    return "consensus";
  }

  @Override
  public String summary() {
    return "Joins annotators' answers into one per sample, and says how good each annotator is.";
  }

  @Override
  public String source() {
    return "Dawid and Skene, 1979; Goh, Tkachenko, Mueller (CROWDLAB), 2022";
  }

  @Override
  public Class<ConsensusConfig> settings() {
    return ConsensusConfig.class;
  }

  @Override
  public Set<Table> reads(ConsensusConfig config) {
    return Set.of(Table.SAMPLES, Table.ANNOTATIONS, Table.CLASSES, Table.PREDICTIONS);
  }

  @Override
  public Set<Table> writes(ConsensusConfig config) {
    return Set.of(Table.CONSENSUS, Table.ANNOTATORS);
  }

  @Override
  public void check(ConsensusConfig config) {
    List<String> known = Arrays.stream(Method.values()).map(Method::key).toList();
    for (String method : config.methods()) {
      if (!known.contains(method)) {
        throw new ConfigException(
            "consensus.methods: there is no '" + method + "'; there are " + known);
      }
    }
  }

  @Override
  public void run(ConsensusConfig config, StepContext context) {
    List<Dataset<Row>> consensus = new ArrayList<>();
    List<Dataset<Row>> annotators = new ArrayList<>();
    List<AnsweredCorpus> open = new ArrayList<>();
    try {
      for (String corpus : corpora(context)) {
        AnsweredCorpus answered =
            AnsweredCorpus.of(context, corpus, classes(context, corpus), config.folds());
        open.add(answered);
        if (answered.answerCount() > 0) {
          ConsensusRows rows = new ConsensusRows(answered, chosen(answered, config, context));
          consensus.add(rows.consensus(context.spark()));
          annotators.add(rows.annotators(context.spark()));
        }
      }
      write(Table.CONSENSUS, consensus, context);
      write(Table.ANNOTATORS, annotators, context);
    } finally {
      open.forEach(AnsweredCorpus::close);
    }
  }

  private static List<String> corpora(StepContext context) {
    return context
        .read(Table.ANNOTATIONS)
        .select("corpus")
        .intersect(context.read(Table.CLASSES).select("corpus"))
        .orderBy("corpus")
        .as(Encoders.STRING())
        .collectAsList();
  }

  private static List<String> classes(StepContext context, String corpus) {
    return context
        .read(Table.CLASSES)
        .where(col("corpus").equalTo(corpus))
        .orderBy("class_index")
        .select("class_name")
        .as(Encoders.STRING())
        .collectAsList();
  }

  private static Fit chosen(AnsweredCorpus corpus, ConsensusConfig config, StepContext context) {
    int classes = corpus.classes().size();
    long cells = (long) corpus.annotatorCount() * classes * classes;
    ConfusionCounts.Detail detail =
        cells <= config.mostCells()
            ? ConfusionCounts.Detail.MATRIX
            : ConfusionCounts.Detail.ONE_COIN;
    Fits fits = new Fits(corpus, detail, config.mostCells());
    boolean overlap = measureAgreement(corpus, fits, context);
    List<Method> methods = overlap ? methods(corpus, config, detail) : List.of(Method.MAJORITY);
    Method best = methods.get(0);
    if (methods.size() > 1) {
      best = best(methods, fits, corpus, config, context);
    }
    Fit fit = fits.of(List.of(best), List.of(Answers.ALL)).get(0);
    context.measure(corpus.name() + ".passes", fit.passes());
    context
        .progress()
        .note(
            String.format(
                Locale.ROOT,
                "%s: %,d answers of %,d annotators, consensus by %s",
                corpus.name(),
                corpus.answerCount(),
                corpus.annotatorCount(),
                best.key()));
    return fit;
  }

  /** Measures agreement; whether any sample has two answers. */
  private static boolean measureAgreement(AnsweredCorpus corpus, Fits fits, StepContext context) {
    int classes = corpus.classes().size();
    Agreement agreement =
        fits.reduced(
            0,
            () -> new Agreement(classes),
            (state, answers, none) -> state.add(answers),
            Agreement::merge);
    context.measure(corpus.name() + ".annotators", corpus.annotatorCount());
    context.measure(corpus.name() + ".samples_of_two_answers", agreement.samples());
    if (!Double.isNaN(agreement.fleissKappa())) {
      context.measure(corpus.name() + ".fleiss_kappa", agreement.fleissKappa());
    }
    if (!Double.isNaN(agreement.krippendorffAlpha())) {
      context.measure(corpus.name() + ".krippendorff_alpha", agreement.krippendorffAlpha());
    }
    return agreement.samples() > 0;
  }

  /** The methods that stand for choice, the simplest first. */
  private static List<Method> methods(
      AnsweredCorpus corpus, ConsensusConfig config, ConfusionCounts.Detail detail) {
    int classes = corpus.classes().size();
    boolean matrices = detail == ConfusionCounts.Detail.MATRIX;
    boolean few = corpus.answerCount() < (double) corpus.annotatorCount() * classes * (classes - 1);
    List<Method> methods = new ArrayList<>(List.of(Method.MAJORITY));
    for (Method method :
        List.of(Method.ONE_COIN, Method.POOLED_DAWID_SKENE, Method.DAWID_SKENE, Method.CROWDLAB)) {
      boolean wanted =
          config.methods().isEmpty()
              ? method == Method.DAWID_SKENE || method == Method.CROWDLAB || few || !matrices
              : config.methods().contains(method.key());
      boolean possible =
          (matrices || !method.needsMatrices())
              && (corpus.predicted() || method != Method.CROWDLAB);
      if (wanted && possible) {
        methods.add(method);
      }
    }
    if (!config.methods().isEmpty()
        && !config.methods().contains(Method.MAJORITY.key())
        && methods.size() > 1) {
      methods.remove(Method.MAJORITY);
    }
    return methods;
  }

  private static Method best(
      List<Method> methods,
      Fits fits,
      AnsweredCorpus corpus,
      ConsensusConfig config,
      StepContext context) {
    Map<Method, HeldOut> heldOut = new EnumMap<>(Method.class);
    methods.forEach(method -> heldOut.put(method, new HeldOut()));
    Method first = methods.get(0);
    int atOnce = fits.foldsAtOnce(methods.size());
    List<Integer> folds = folds(corpus, config);
    for (int from = 0; from < folds.size(); from += atOnce) {
      List<Integer> next = folds.subList(from, Math.min(folds.size(), from + atOnce));
      List<Fit> fitted = fits.of(methods, next);
      List<HeldOut> foretold = fits.heldOut(fitted);
      for (int i = 0; i < fitted.size(); i++) {
        heldOut.get(fitted.get(i).method()).merge(foretold.get(i));
      }
    }
    Method best = first;
    context.measure(corpus.name() + ".held_out_answers", heldOut.get(first).answers());
    for (Method method : methods) {
      double likelihood = heldOut.get(method).logLikelihood();
      context.measure(corpus.name() + ".log_likelihood." + method.key(), likelihood);
      best = likelihood > heldOut.get(best).logLikelihood() ? method : best;
    }
    return best;
  }

  /** As many folds as it takes to hold out the wanted number of answers. */
  private static List<Integer> folds(AnsweredCorpus corpus, ConsensusConfig config) {
    double each = (double) corpus.answerCount() / config.folds();
    int wanted = (int) Math.min(config.folds(), Math.ceil(config.heldOut() / each));
    return IntStream.range(0, wanted).boxed().toList();
  }

  private static void write(Table table, List<Dataset<Row>> parts, StepContext context) {
    Dataset<Row> none = context.spark().createDataFrame(List.of(), Schemas.of(table));
    context.write(table, parts.stream().reduce(none, Dataset::unionByName));
  }
}
