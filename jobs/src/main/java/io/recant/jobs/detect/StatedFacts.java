package io.recant.jobs.detect;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** What the documents of a corpus state, and which names they mention; cached with it. */
final class StatedFacts {

  private static final StructType STATED =
      (StructType)
          DataType.fromDDL(
              "candidate_id string, sample_id string, canary boolean, h string, r string, t string,"
                  + " head string, tail string");
  private static final StructType MENTION =
      (StructType) DataType.fromDDL("sample_id string, name string");
  private static final int LONGEST_NAME = 8;

  private final Dataset<Row> stated;
  private final Dataset<Row> mentions;

  private StatedFacts(Dataset<Row> stated, Dataset<Row> mentions) {
    this.stated = stated;
    this.mentions = mentions;
  }

  static StatedFacts of(Candidates candidates) {
    Dataset<Row> stated =
        candidates
            .rows()
            .select("candidate_id", "sample_id", "canary", "target")
            .flatMap((FlatMapFunction<Row, Row>) StatedFacts::facts, Encoders.row(STATED))
            .dropDuplicates("candidate_id", "h", "r", "t")
            .cache();
    candidates.releaseLater(stated::unpersist);
    Dataset<Row> own = stated.where("not canary");
    Dataset<Row> named =
        own.selectExpr("sample_id", "h as name").union(own.selectExpr("sample_id", "t as name"));
    Dataset<Row> said =
        candidates
            .rows()
            .where("not canary")
            .select("sample_id", "input")
            .flatMap((FlatMapFunction<Row, Row>) StatedFacts::phrases, Encoders.row(MENTION))
            .join(named.select("name").distinct(), "name")
            .select("sample_id", "name");
    Dataset<Row> mentions = said.union(named).distinct().cache();
    candidates.releaseLater(mentions::unpersist);
    return new StatedFacts(stated, mentions);
  }

  /** {@code candidate_id, sample_id, canary, h, r, t, head, tail}; h and t name what is meant. */
  Dataset<Row> stated() {
    return stated;
  }

  /** {@code sample_id, h, r, t, head, tail} of samples. */
  Dataset<Row> ofSamples() {
    return stated.where("not canary").drop("candidate_id", "canary");
  }

  /**
   * Documents that mention both things of a fact somebody states, found from the rarer of the two.
   *
   * @param most documents looked at per name, drawn by hash; it bounds the work names that stand
   *     everywhere make
   * @return {@code h, r, t, sample_id, states}
   */
  Dataset<Row> documentsOfFacts(int most, long seed) {
    Dataset<Row> frequencies = mentions.groupBy("name").agg(count(lit(1)).as("documents"));
    Dataset<Row> postings =
        mentions
            .withColumn(
                "rank",
                row_number()
                    .over(
                        Window.partitionBy("name")
                            .orderBy(xxhash64(lit(seed), col("sample_id")), col("sample_id"))))
            .where(col("rank").leq(most))
            .select(col("name").as("rare"), col("sample_id"));
    Dataset<Row> facts =
        ofSamples()
            .select("h", "r", "t")
            .distinct()
            .join(frequencies.toDF("h", "of_head"), "h")
            .join(frequencies.toDF("t", "of_tail"), "t")
            .selectExpr(
                "h",
                "r",
                "t",
                "if(of_head <= of_tail, h, t) as rare",
                "if(of_head <= of_tail, t, h) as name");
    Dataset<Row> states =
        ofSamples().select("h", "r", "t", "sample_id").withColumn("states", lit(true));
    return facts
        .join(postings, "rare")
        .join(mentions, new String[] {"name", "sample_id"})
        .join(states, new String[] {"h", "r", "t", "sample_id"}, "left")
        .selectExpr("h", "r", "t", "sample_id", "coalesce(states, false) as states");
  }

  private static Iterator<Row> facts(Row row) {
    List<Row> facts = new ArrayList<>();
    for (Fact fact : Fact.parse(row.getString(3)).orElse(List.of())) {
      facts.add(
          RowFactory.create(
              row.getString(0),
              row.getString(1),
              row.getBoolean(2),
              Fact.key(fact.head()),
              fact.relation(),
              Fact.key(fact.tail()),
              fact.head(),
              fact.tail()));
    }
    return facts.iterator();
  }

  /** Everything in a text that could be a name: up to eight words and marks in a row. */
  private static Iterator<Row> phrases(Row row) {
    List<String> tokens = NormalText.tokens(row.getString(1));
    Set<String> phrases = new LinkedHashSet<>();
    for (int from = 0; from < tokens.size(); from++) {
      StringBuilder phrase = new StringBuilder();
      for (int to = from; to < Math.min(tokens.size(), from + LONGEST_NAME); to++) {
        phrases.add(phrase.append(to == from ? "" : " ").append(tokens.get(to)).toString());
      }
    }
    return phrases.stream().map(phrase -> RowFactory.create(row.getString(0), phrase)).iterator();
  }
}
