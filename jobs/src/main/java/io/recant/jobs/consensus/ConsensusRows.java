package io.recant.jobs.consensus;

import io.recant.core.crowd.AnnotatorQuality;
import io.recant.core.crowd.Answers;
import io.recant.core.crowd.Fit;
import io.recant.core.crowd.TruthModel;
import io.recant.core.table.Table;
import io.recant.spark.table.Schemas;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/** The rows of tables {@code consensus} and {@code annotators} for one corpus. */
final class ConsensusRows {

  private final AnsweredCorpus corpus;
  private final Fit fit;

  ConsensusRows(AnsweredCorpus corpus, Fit fit) {
    this.corpus = corpus;
    this.fit = fit;
  }

  /** One row a sample. */
  Dataset<Row> consensus(SparkSession spark) {
    Broadcast<TruthModel> model = broadcast(spark, fit.model());
    List<String> classes = corpus.classes();
    String name = corpus.name();
    String method = fit.method().key();
    return spark.createDataFrame(
        corpus.samples().flatMap(block -> rows(block, model.value(), classes, method, name)),
        Schemas.of(Table.CONSENSUS));
  }

  /** One row an annotator. */
  Dataset<Row> annotators(SparkSession spark) {
    Broadcast<AnnotatorQuality[]> qualities = broadcast(spark, AnnotatorQuality.of(fit.counts()));
    Broadcast<long[]> agreeing = broadcast(spark, agreeing());
    List<String> classes = corpus.classes();
    String name = corpus.name();
    return spark.createDataFrame(
        corpus
            .annotators()
            .toJavaRDD()
            .map(
                row -> {
                  int j = row.getInt(1);
                  AnnotatorQuality quality = qualities.value()[j];
                  boolean confuses = quality.truth() >= 0;
                  long answers = Math.round(quality.answers());
                  return RowFactory.create(
                      row.getString(0),
                      answers,
                      (double) agreeing.value()[j] / answers,
                      quality.accuracy(),
                      quality.information(),
                      confuses ? classes.get(quality.truth()) : null,
                      confuses ? classes.get(quality.confusedWith()) : null,
                      confuses ? quality.confusions() : null,
                      name);
                }),
        Schemas.of(Table.ANNOTATORS));
  }

  private static <T> Broadcast<T> broadcast(SparkSession spark, T value) {
    return JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(value);
  }

  /** How many answers of each annotator are the consensus. */
  private long[] agreeing() {
    int annotators = corpus.annotatorCount();
    return new Fits(corpus, fit.counts().detail(), 1)
        .reduced(
            fit.model(),
            () -> new long[annotators],
            ConsensusRows::count,
            (a, b) -> {
              for (int j = 0; j < a.length; j++) {
                a[j] += b[j];
              }
              return a;
            });
  }

  private static void count(long[] agreeing, Answers answers, TruthModel model) {
    double[] p = new double[answers.classes()];
    for (int s = 0; s < answers.samples(); s++) {
      model.infer(answers, s, Answers.ALL, p);
      int best = TruthModel.best(p);
      for (int i = answers.start(s); i < answers.start(s + 1); i++) {
        agreeing[answers.annotator(i)] += answers.answer(i) == best ? 1 : 0;
      }
    }
  }

  private static Iterator<Row> rows(
      AnsweredSamples block, TruthModel model, List<String> classes, String method, String corpus) {
    List<Row> rows = new ArrayList<>();
    Answers answers = block.answers();
    Map<String, Integer> index = new HashMap<>();
    classes.forEach(name -> index.put(name, index.size()));
    double[] p = new double[classes.size()];
    for (int s = 0; s < answers.samples(); s++) {
      model.infer(answers, s, Answers.ALL, p);
      int[] votes = new int[classes.size()];
      int all = 0;
      for (int i = answers.start(s); i < answers.start(s + 1); i++) {
        votes[answers.answer(i)]++;
        all++;
      }
      int best = TruthModel.best(p);
      AnsweredSamples.Sample sample = block.samples().get(s);
      int given = index.getOrDefault(sample.target(), -1);
      rows.add(
          RowFactory.create(
              sample.id(),
              classes.get(best),
              p[best],
              floats(p),
              all,
              votes[best],
              sample.target(),
              given < 0 ? 0 : p[given],
              given < 0 ? 0 : votes[given],
              method,
              corpus,
              sample.shard()));
    }
    return rows.iterator();
  }

  private static float[] floats(double[] p) {
    float[] floats = new float[p.length];
    for (int k = 0; k < p.length; k++) {
      floats[k] = (float) p[k];
    }
    return floats;
  }
}
