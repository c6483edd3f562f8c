package io.recant.jobs.repair;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.when;

import io.recant.core.repair.RelabelThreshold;
import io.recant.core.table.Table;
import io.recant.spark.step.Step;
import io.recant.spark.step.StepContext;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.storage.StorageLevel;

/**
 * Says what the target of a sample in forget or review should be, and with what probability:
 *
 * <pre>
 * P(suggestion is right) = P(given target is wrong) P(suggestion is right | given target is wrong)
 * </pre>
 *
 * <p>The first factor is p_bad of {@code decide}. The second is measured on canaries, whose target
 * is wrong for sure: {@link ClassSuggestions}, {@link OpenSuggestions}. As many suggestions as keep
 * the wanted precision are put in (action relabel) where they are likelier than the given target
 * too; the others are for people (ask). Where decide had no canaries to estimate p_bad from, or
 * there are too few here, there is no probability and all are asked about.
 *
 * <p>Canaries are measures here as everywhere: none becomes a row. As in {@code decide}, errors of
 * a kind that no canary stands for are estimated as if they were like those that are.
 */
public final class RepairStep implements Step<RepairConfig> {

  private static final String CLASSIFICATION = "classification";
  private static final String RELABEL = "relabel";
  private static final int SHOWN = 80;

  /** No suggestion is put in. */
  private static final double NONE = Double.POSITIVE_INFINITY;

  @Override
  public String name() {
    return "repair";
  }

  @Override
  public String summary() {
    return "Suggests what each suspicious target should be, with the probability that it is right.";
  }

  @Override
  public String source() {
    return "McFadden 1974 (conditional logit); Yang et al.: Confidence v.s. Critique, ACL 2025 (CL, CS)";
  }

  @Override
  public Class<RepairConfig> settings() {
    return RepairConfig.class;
  }

  @Override
  public Set<Table> reads(RepairConfig config) {
    return Set.of(
        Table.SAMPLES,
        Table.CLASSES,
        Table.PREDICTIONS,
        Table.CANARIES,
        Table.FINDINGS,
        Table.CANARY_FINDINGS,
        Table.DECISIONS,
        Table.DETECTION_SCORES);
  }

  @Override
  public Set<Table> writes(RepairConfig config) {
    return Set.of(Table.REPAIRS, Table.REPAIR_SCORES);
  }

  @Override
  public void run(RepairConfig config, StepContext context) {
    RepairEstimate estimate = new RepairEstimate(context);
    Dataset<Row> repairs = context.spark().createDataFrame(List.of(), Schemas.of(Table.REPAIRS));
    List<JavaRDD<?>> kept = new ArrayList<>();
    for (Row row : corpora(context)) {
      String corpus = row.getString(0);
      if (row.getLong(1) > 0) {
        JavaRDD<Suggestion> suggestions =
            suggestions(
                config, context, corpus, row.getString(2), estimate.isEstimated(corpus), kept);
        double threshold = threshold(config, suggestions);
        estimate.known(corpus, known(suggestions, threshold));
        repairs =
            repairs.union(
                context
                    .spark()
                    .createDataFrame(
                        suggestions.map(s -> repair(s, threshold, corpus)),
                        Schemas.of(Table.REPAIRS)));
      }
    }
    context.write(Table.REPAIRS, repairs);
    kept.forEach(JavaRDD::unpersist);
    context.write(
        Table.REPAIR_SCORES,
        context
            .spark()
            .createDataFrame(
                estimate.scores(context.readBack(Table.REPAIRS)), Schemas.of(Table.REPAIR_SCORES)));
  }

  /** Judged corpora with the number of samples to forget or review, and their task. */
  private static List<Row> corpora(StepContext context) {
    Dataset<Row> tasks = context.read(Table.SAMPLES).groupBy("corpus").agg(max("task").as("task"));
    return context
        .read(Table.DECISIONS)
        .where("p_bad is not null")
        .groupBy("corpus")
        .agg(count(when(col("action").notEqual("retain"), 1)).as("flagged"))
        .join(broadcast(tasks), "corpus")
        .select("corpus", "flagged", "task")
        .orderBy("corpus")
        .collectAsList();
  }

  private static JavaRDD<Suggestion> suggestions(
      RepairConfig config,
      StepContext context,
      String corpus,
      String task,
      boolean estimated,
      List<JavaRDD<?>> kept) {
    JavaRDD<Candidate> candidates =
        Candidates.of(context, corpus).persist(StorageLevel.MEMORY_AND_DISK());
    kept.add(candidates);
    JavaRDD<Suggestion> suggestions =
        task.equals(CLASSIFICATION)
            ? ClassSuggestions.of(candidates, classes(context, corpus), config.minCanaries(), kept)
            : OpenSuggestions.of(candidates, config.minCanaries());
    JavaRDD<Suggestion> weighed =
        (estimated ? suggestions : suggestions.map(Suggestion::unweighed))
            .persist(StorageLevel.MEMORY_AND_DISK());
    kept.add(weighed);
    return weighed;
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

  private static double threshold(RepairConfig config, JavaRDD<Suggestion> suggestions) {
    Map<Double, Long> counts =
        suggestions.filter(Suggestion::likelier).map(Suggestion::pSuggested).countByValue();
    return RelabelThreshold.of(
            counts.entrySet().stream()
                .map(e -> new RelabelThreshold.Cell(e.getKey(), e.getValue()))
                .toList(),
            config.precision())
        .orElse(NONE);
  }

  /** Canaries behind the weakest suggestion that is put in, or of all where none is. */
  private static double known(JavaRDD<Suggestion> suggestions, double threshold) {
    return suggestions
        .filter(s -> threshold == NONE || relabels(s, threshold))
        .map(Suggestion::known)
        .fold(0.0, Math::max);
  }

  private static boolean relabels(Suggestion s, double threshold) {
    return s.likelier() && s.pSuggested() >= threshold;
  }

  private static Row repair(Suggestion s, double threshold, String corpus) {
    boolean relabels = relabels(s, threshold);
    return RowFactory.create(
        s.of().id(),
        s.of().given(),
        s.target(),
        s.pSuggested(),
        s.pGiven(),
        s.second(),
        s.pSecond(),
        s.sources().toArray(String[]::new),
        relabels ? RELABEL : "ask",
        reason(s, relabels),
        threshold == NONE ? null : threshold,
        corpus,
        s.of().shard());
  }

  private static String reason(Suggestion s, boolean relabels) {
    String by =
        s.sources().isEmpty()
            ? "no source by itself, all together"
            : String.join(", ", s.sources());
    if (s.pSuggested() == null) {
      return String.format(
          Locale.ROOT,
          "%s (says: %s); how often such a suggestion is right is not known, for want of canaries",
          quoted(s.target()),
          by);
    }
    return String.format(
        Locale.ROOT,
        "%s with probability %.2f, given %s with %.2f (says: %s)%s",
        quoted(s.target()),
        s.pSuggested(),
        quoted(s.of().given()),
        s.pGiven(),
        by,
        relabels ? "" : "; not sure enough to relabel");
  }

  private static String quoted(String target) {
    return target.length() <= SHOWN ? target : target.substring(0, SHOWN - 3) + "...";
  }
}
