package io.recant.jobs.detect;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.when;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;

/**
 * Documents that do not state a fact which they should, going by the rest of the corpus. For
 * generation corpora whose targets are JSON arrays of objects with texts {@code head}, {@code
 * relation} and {@code tail}. A fact may be missing because
 *
 * <ul>
 *   <li>another document states it and this one mentions both things too. With s of m other such
 *       documents that state it, and c the chance that one states a fact of this relation given
 *       that another does (shrunk by four facts' worth towards that of all relations), the chance
 *       that it holds here is (2 c + s - 1) / (2 + m - 1): a Beta prior worth two documents, and
 *       the first statement not counted, without which there would be no question;
 *   <li>it follows from what this document states by one of the {@link RelationRules} of the
 *       corpus.
 * </ul>
 *
 * <p>{@link RelationRules#missing(double)} turns either chance into the probability that the fact
 * is true and left out. The score is 1 - product (1 - p) over the document's missing facts, as if
 * they were independent: 1 is surely bad. Evidence lists them, the surest first, a hundred at most;
 * {@code suggested_target} adds those that are more likely missing than not; {@code span} is where
 * the head of the surest stands in the input. Documents with nothing to add get no finding.
 *
 * <p>Names are the same when their words are. A canary's original does not count as another
 * document.
 */
public final class MissingFacts implements Detector<MissingFacts.Settings> {

  private static final int MOST_LISTED = 100;
  private static final double TO_ALL = 4;
  private static final double TO_RELATION = 2;

  /** Settings of {@code missing-facts}. */
  public record Settings(
      @Setting(value = "A rule must have held so often", defaultValue = "5", min = 1) int support,
      @Setting(
              value = "A rule must have held in this share of its cases",
              defaultValue = "0.5",
              min = 0.1,
              max = 1)
          double confidence,
      @Setting(
              value = "Facts less probably missing than this are not mentioned",
              defaultValue = "0.02",
              min = 0,
              max = 1)
          double least,
      @Setting(
              value =
                  "Documents looked at per name; bounds the work of names that stand everywhere",
              defaultValue = "1000",
              min = 2)
          int mostDocuments) {}

  @Override
  public String name() {
    return "missing-facts";
  }

  @Override
  public String summary() {
    return "Facts that another document states, or that follow from this one's, and that are missing.";
  }

  @Override
  public String source() {
    return "";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean appliesTo(Candidates candidates) {
    if (candidates.task().equals(Candidates.CLASSIFICATION)) {
      return false;
    }
    Column facts =
        udf(
                (UDF1<String, Integer>) target -> Fact.parse(target).map(List::size).orElse(-1),
                DataTypes.IntegerType)
            .apply(col("target"));
    Row counts =
        candidates
            .rows()
            .where("not canary")
            .select(facts.as("facts"))
            .agg(
                count(lit(1)), count(when(col("facts").geq(0), 1)), coalesce(max("facts"), lit(-1)))
            .first();
    return counts.getLong(1) * 2 > counts.getLong(0) && counts.getInt(2) > 0;
  }

  @Override
  public Dataset<Row> detect(Settings settings, Candidates candidates) {
    StatedFacts facts = StatedFacts.of(candidates);
    RelationRules rules =
        RelationRules.learn(facts.ofSamples(), settings.support(), settings.confidence());
    candidates.measure("facts_missing_share", rules.missing());
    candidates.measure("fact_rules", rules.rules().size());
    Dataset<Row> documents =
        facts.documentsOfFacts(settings.mostDocuments(), candidates.seed("missing-facts")).cache();
    candidates.releaseLater(documents::unpersist);
    Dataset<Row> missing =
        implied(facts, rules, candidates)
            .unionByName(restated(facts, documents, rules, candidates))
            .where(col("p").geq(settings.least()))
            .withColumn(
                "again",
                row_number()
                    .over(
                        Window.partitionBy("candidate_id", "h", "r", "t")
                            .orderBy(col("p").desc(), col("why"))))
            .where("again = 1")
            .withColumn(
                "rank",
                row_number()
                    .over(
                        Window.partitionBy("candidate_id")
                            .orderBy(col("p").desc(), col("h"), col("r"), col("t"))))
            .where(col("rank").leq(MOST_LISTED))
            .groupBy("candidate_id")
            .agg(
                expr("array_sort(collect_list(struct(rank, p, head, r, tail, why, other)))")
                    .as("missing"));
    return candidates
        .rows()
        .select("candidate_id", "shard", "canary", "input", "target")
        .join(missing, "candidate_id")
        .map((MapFunction<Row, Row>) MissingFacts::finding, Encoders.row(Finding.SCHEMA));
  }

  private static Dataset<Row> implied(
      StatedFacts facts, RelationRules rules, Candidates candidates) {
    Dataset<Row> table = candidates.spark().createDataFrame(rules.rows(), RelationRules.SCHEMA);
    Dataset<Row> concluded =
        facts
            .stated()
            .join(broadcast(table), col("r").equalTo(col("body")))
            .selectExpr(
                "candidate_id",
                "if(inverse, t, h) as h",
                "conclusion as r",
                "if(inverse, h, t) as t",
                "if(inverse, tail, head) as head",
                "if(inverse, head, tail) as tail",
                "p",
                "format_string('it states %s(%s, %s), which goes with it in %d of %d cases',"
                    + " body, head, tail, held, cases) as why",
                "cast(null as string) as other");
    return unstated(concluded, facts);
  }

  private static Dataset<Row> restated(
      StatedFacts facts, Dataset<Row> documents, RelationRules rules, Candidates candidates) {
    Dataset<Row> counts =
        documents
            .groupBy("h", "r", "t")
            .agg(count(lit(1)).as("mentioning"), sum(expr("if(states, 1, 0)")).as("stating"));
    Dataset<Row> named =
        facts
            .ofSamples()
            .groupBy("h", "r", "t")
            .agg(
                min("head").as("head"),
                min("tail").as("tail"),
                min("sample_id").as("first"),
                max("sample_id").as("last"));
    Column probability =
        udf((UDF1<Double, Double>) rules::missing, DataTypes.DoubleType)
            .apply(
                expr(TO_RELATION + " * chance + stated - 1")
                    .divide(expr(TO_RELATION + " + mentioned - 1")));
    Dataset<Row> asked =
        candidates
            .rows()
            .select("candidate_id", "sample_id")
            .join(documents, "sample_id")
            .join(counts, new String[] {"h", "r", "t"})
            .withColumn("stated", expr("stating - if(states, 1, 0)"))
            .withColumn("mentioned", expr("mentioning - 1"))
            .where("stated > 0")
            .join(broadcast(chances(counts)), "r")
            .join(named, new String[] {"h", "r", "t"});
    return unstated(
        asked
            .withColumn("p", probability)
            .withColumn("other", expr("if(first = sample_id, last, first)"))
            .selectExpr(
                "candidate_id",
                "h",
                "r",
                "t",
                "head",
                "tail",
                "p",
                "format_string('%s states it, as do %d of %d other documents that mention both',"
                    + " other, stated, mentioned) as why",
                "other"),
        facts);
  }

  /** Per relation, how often a document states a fact given that another one does. */
  private static Dataset<Row> chances(Dataset<Row> counts) {
    Dataset<Row> shared =
        counts
            .where("mentioning > 1 and stating > 0")
            .withColumn("share", expr("(stating - 1) / (mentioning - 1)"));
    Row all = shared.agg(coalesce(sum("share"), lit(0.0)), count(lit(1))).first();
    double overall = (all.getDouble(0) + 0.5) / (all.getLong(1) + 1);
    return shared
        .groupBy("r")
        .agg(sum("share").plus(TO_ALL * overall).divide(count(lit(1)).plus(TO_ALL)).as("chance"));
  }

  private static Dataset<Row> unstated(Dataset<Row> facts, StatedFacts corpus) {
    return facts
        .where("h != t")
        .join(
            corpus.stated().select("candidate_id", "h", "r", "t"),
            scala.jdk.javaapi.CollectionConverters.asScala(List.of("candidate_id", "h", "r", "t"))
                .toList(),
            "left_anti");
  }

  private static Row finding(Row row) {
    List<Row> missing = row.getList(row.fieldIndex("missing"));
    ObjectNode evidence = Finding.evidence();
    evidence.put("other", missing.get(0).getString(6));
    ArrayNode listed = evidence.putArray("missing");
    List<Fact> likely = new ArrayList<>();
    double none = 1;
    for (Row one : missing) {
      double p = one.getDouble(1);
      Fact fact = new Fact(one.getString(2), one.getString(3), one.getString(4));
      listed
          .addObject()
          .put("head", fact.head())
          .put("relation", fact.relation())
          .put("tail", fact.tail())
          .put("p", Finding.rounded(p))
          .put("why", one.getString(5))
          .put("other", one.getString(6));
      none *= 1 - p;
      if (p > 0.5) {
        likely.add(fact);
      }
    }
    Fact first =
        new Fact(
            missing.get(0).getString(2), missing.get(0).getString(3), missing.get(0).getString(4));
    String target = row.getAs("target");
    return Finding.of(
        row.getAs("candidate_id"),
        row.<Integer>getAs("shard"),
        row.<Boolean>getAs("canary"),
        Finding.INCONSISTENT,
        1 - none,
        likely.isEmpty() || Fact.parse(target).isEmpty() ? null : Fact.with(target, likely),
        NormalText.place(first.head(), row.getAs("input")),
        String.format(
            Locale.ROOT,
            "%s is missing with probability %.2f: %s%s",
            first,
            missing.get(0).getDouble(1),
            missing.get(0).getString(5),
            missing.size() == 1 ? "" : "; and " + (missing.size() - 1) + " further facts"),
        evidence);
  }
}
