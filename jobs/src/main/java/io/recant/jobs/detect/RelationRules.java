package io.recant.jobs.detect;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * What follows from what in a corpus: where a document states body(a, b) it mostly states
 * conclusion(a, b) as well, or conclusion(b, a). Inverse and symmetric relations are such rules.
 *
 * <p>A rule that held of the truth with probability q is seen to hold with q (1 - e), where e is
 * the share of facts that are missing. Rules that hold in both directions (as parent and child) are
 * taken to be true by meaning, so that their exceptions are what is missing:
 *
 * <pre>e = (1 + exceptions of mutual rules) / (20 + cases of mutual rules)</pre>
 *
 * <p>and a conclusion that is not stated is true, and missing, with probability
 *
 * <pre>q e / (1 - q + q e),   q = min(0.99, held / ((1 - e) (cases + 1)))</pre>
 *
 * @param rules those that hold often enough
 * @param missing e
 */
record RelationRules(List<Rule> rules, double missing) implements Serializable {

  private static final double MUTUAL = 0.75;
  private static final double SUREST = 0.99;
  private static final int MOST_RULES = 10_000;

  /** Columns of a rule. */
  static final StructType SCHEMA =
      (StructType)
          DataType.fromDDL(
              "body string, inverse boolean, conclusion string, held bigint, cases bigint, p double");

  /**
   * A rule.
   *
   * @param inverse whether the conclusion goes the other way round
   * @param held how often body and conclusion are stated together
   * @param cases how often the body is stated
   */
  record Rule(String body, boolean inverse, String conclusion, long held, long cases)
      implements Serializable {

    double confidence() {
      return (double) held / cases;
    }
  }

  /**
   * Learns rules.
   *
   * @param facts {@code sample_id, h, r, t}, each once
   * @param support a rule must have held so often
   * @param confidence and in this share of its cases
   */
  static RelationRules learn(Dataset<Row> facts, int support, double confidence) {
    Dataset<Row> bodies = facts.select("sample_id", "h", "r", "t");
    Dataset<Row> conclusions = bodies.toDF("sample_id", "h2", "r2", "t2");
    Map<String, Long> cases = new HashMap<>();
    bodies
        .groupBy("r")
        .count()
        .where(col("count").geq(support))
        .collectAsList()
        .forEach(row -> cases.put(row.getString(0), row.getLong(1)));
    Dataset<Row> along =
        bodies
            .join(
                conclusions.toDF("sample_id", "h", "r2", "t"), new String[] {"sample_id", "h", "t"})
            .where("r != r2")
            .withColumn("inverse", lit(false));
    Dataset<Row> back =
        bodies
            .join(
                conclusions.toDF("sample_id", "t", "r2", "h"), new String[] {"sample_id", "h", "t"})
            .withColumn("inverse", lit(true));
    List<Rule> rules = new ArrayList<>();
    for (Row row :
        along
            .unionByName(back)
            .groupBy("r", "inverse", "r2")
            .agg(count(lit(1)).as("held"))
            .where(col("held").geq(support))
            .orderBy(col("held").desc(), col("r"), col("inverse"), col("r2"))
            .limit(MOST_RULES)
            .collectAsList()) {
      Rule rule =
          new Rule(
              row.getString(0),
              row.getBoolean(1),
              row.getString(2),
              row.getLong(3),
              cases.get(row.getString(0)));
      if (rule.confidence() >= confidence) {
        rules.add(rule);
      }
    }
    return new RelationRules(rules, missing(rules));
  }

  private static double missing(List<Rule> rules) {
    Set<String> sure = new HashSet<>();
    rules.stream()
        .filter(rule -> rule.confidence() >= MUTUAL)
        .forEach(rule -> sure.add(rule.body() + rule.inverse() + rule.conclusion()));
    double exceptions = 1;
    double cases = 20;
    for (Rule rule : rules) {
      if (rule.confidence() >= MUTUAL
          && sure.contains(rule.conclusion() + rule.inverse() + rule.body())) {
        exceptions += rule.cases() - rule.held();
        cases += rule.cases();
      }
    }
    return exceptions / cases;
  }

  /** The probability that what holds in a share of the cases holds where it is not stated. */
  double missing(double heldShare) {
    double q = Math.min(SUREST, heldShare / (1 - missing));
    return q * missing / (1 - q + q * missing);
  }

  /** The rules as rows of {@link #SCHEMA}. */
  List<Row> rows() {
    return rules.stream()
        .map(
            rule ->
                RowFactory.create(
                    rule.body(),
                    rule.inverse(),
                    rule.conclusion(),
                    rule.held(),
                    rule.cases(),
                    missing((double) rule.held() / (rule.cases() + 1))))
        .toList();
  }
}
