package io.recant.jobs.bench;

import io.recant.core.crowd.Answers;
import io.recant.core.crowd.ConfusionCounts;
import io.recant.core.crowd.Fit;
import io.recant.core.crowd.Method;
import io.recant.core.crowd.TruthModel;
import io.recant.core.table.Table;
import io.recant.spark.run.RunDirectory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * How often the consensus of real annotators is right: the one that step {@code consensus} chose,
 * and beside it each method, fitted here in memory.
 */
final class CrowdTruth {

  private static final List<String> SETS = List.of("bluebird", "rte", "dog", "web", "d_jn-product");
  private static final List<Method> METHODS =
      List.of(Method.MAJORITY, Method.ONE_COIN, Method.POOLED_DAWID_SKENE, Method.DAWID_SKENE);

  private static final StructType RIGHT =
      (StructType)
          DataType.fromDDL(
              "corpus string, method string, judged bigint, right bigint, share_right double,"
                  + " log_likelihood double");
  private static final StructType AGREEMENT =
      (StructType)
          DataType.fromDDL(
              "corpus string, samples bigint, annotators bigint, answers bigint,"
                  + " fleiss_kappa double, krippendorff_alpha double");

  private CrowdTruth() {}

  static void run(BenchContext context) {
    List<String> corpora = new ArrayList<>();
    for (String set : SETS) {
      corpora.add(corpus(set, written(set, context), classes(csv(context, set + "-label.csv"))));
    }
    RunDirectory run = context.pipeline(pipeline("crowd", corpora));
    Map<String, Double> measures = run.manifest("consensus").orElseThrow().measures();
    List<Row> right = new ArrayList<>();
    List<Row> agreement = new ArrayList<>();
    for (String set : SETS) {
      right.add(chosen(set, run, measures, context));
      right.addAll(compared(set, measures, context));
      agreement.add(
          RowFactory.create(
              set,
              csv(context, set + "-label.csv").select("item").distinct().count(),
              measures.get(set + ".annotators").longValue(),
              measures.get(set + ".answers").longValue(),
              measures.get(set + ".fleiss_kappa"),
              measures.get(set + ".krippendorff_alpha")));
    }
    context.table("consensus_right", context.spark().createDataFrame(right, RIGHT));
    context.table("annotator_agreement", context.spark().createDataFrame(agreement, AGREEMENT));
  }

  private static String written(String set, BenchContext context) {
    String path = context.scratch().resolve(set + ".parquet").toString();
    csv(context, set + "-label.csv")
        .selectExpr("item as id", "concat('item ', item) as input", "label as target", "worker")
        .write()
        .parquet(path);
    return path;
  }

  /** What the step chose and made of it. */
  private static Row chosen(
      String set, RunDirectory run, Map<String, Double> measures, BenchContext context) {
    String own = "corpus = '" + set + "'";
    Dataset<Row> consensus = RunTables.read(context.spark(), run, Table.CONSENSUS).where(own);
    Dataset<Row> judged =
        consensus
            .join(
                RunTables.read(context.spark(), run, Table.SAMPLES)
                    .where(own)
                    .selectExpr("sample_id", "substring(input, 6) as item"),
                "sample_id")
            .join(csv(context, set + "-truth.csv"), "item");
    String method = consensus.first().getAs("method");
    return row(
        set,
        "chosen: " + method,
        judged.count(),
        judged.where("consensus = truth").count(),
        measures.get(set + ".log_likelihood." + method));
  }

  private static List<Row> compared(
      String set, Map<String, Double> measures, BenchContext context) {
    Map<String, String> truth = new HashMap<>();
    for (Row row : csv(context, set + "-truth.csv").select("item", "truth").collectAsList()) {
      truth.put(row.getString(0), row.getString(1));
    }
    Dataset<Row> labels = csv(context, set + "-label.csv");
    List<String> classes = classes(labels);
    Map<String, Integer> annotators = new HashMap<>();
    List<String> items = new ArrayList<>();
    Answers.Builder builder = new Answers.Builder(classes.size());
    for (Row row :
        labels.select("item", "worker", "label").orderBy("item", "worker").collectAsList()) {
      if (items.isEmpty() || !items.get(items.size() - 1).equals(row.getString(0))) {
        items.add(row.getString(0));
        builder.sample(new float[0]);
      }
      int annotator = annotators.computeIfAbsent(row.getString(1), name -> annotators.size());
      builder.answer(annotator, classes.indexOf(row.getString(2)), 0);
    }
    Answers answers = builder.build();
    List<Row> rows = new ArrayList<>();
    double[] p = new double[classes.size()];
    for (Method method : METHODS) {
      TruthModel model = fitted(method, answers, annotators.size());
      long judged = 0;
      long right = 0;
      for (int s = 0; s < answers.samples(); s++) {
        model.infer(answers, s, Answers.ALL, p);
        String known = truth.get(items.get(s));
        judged += known == null ? 0 : 1;
        right += classes.get(TruthModel.best(p)).equals(known) ? 1 : 0;
      }
      rows.add(
          row(
              set,
              method.key(),
              judged,
              right,
              measures.get(set + ".log_likelihood." + method.key())));
    }
    return rows;
  }

  private static TruthModel fitted(Method method, Answers answers, int annotators) {
    Fit fit = new Fit(method, Answers.ALL, answers.classes());
    while (!fit.settled()) {
      fit.after(
          new ConfusionCounts(annotators, answers.classes(), ConfusionCounts.Detail.MATRIX)
              .add(answers, fit.model(), Answers.ALL),
          Optional.empty());
    }
    return fit.model();
  }

  private static Row row(String set, String method, long judged, long right, Double likelihood) {
    return RowFactory.create(set, method, judged, right, (double) right / judged, likelihood);
  }

  private static List<String> classes(Dataset<Row> labels) {
    return labels.select("label").distinct().orderBy("label").as(Encoders.STRING()).collectAsList();
  }

  private static Dataset<Row> csv(BenchContext context, String file) {
    return context
        .spark()
        .read()
        .option("header", true)
        .csv(context.data().resolve("crowd").resolve(file).toString());
  }

  static String corpus(String name, String path, List<String> classes) {
    return """
            - name: %s
              task: classification
              test_share: 0
              source: {name: parquet, path: '%s'}
              classes: [%s]
              columns: {id: id, input: input, target: target, annotator: worker}
        """
        .formatted(
            name, path, classes.stream().map(c -> "'" + c + "'").collect(Collectors.joining(", ")));
  }

  static String pipeline(String run, List<String> corpora) {
    return """
        run: {id: %s}
        steps: [ingest, consensus]
        ingest:
          corpora:
        %s"""
        .formatted(run, String.join("", corpora));
  }
}
