package io.recant.jobs.bench;

import io.recant.spark.run.RunDirectory;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Real texts of which every twentieth is copied with none to four small edits and another row's
 * target. A pair is found where the finding of one names the other.
 */
final class PlantedDuplicates {

  static final StructType ROWS =
      (StructType) DataType.fromDDL("name string, input string, target string");

  private static final StructType FOUND =
      (StructType)
          DataType.fromDDL(
              "corpus string, rows bigint, edits int, planted bigint, found bigint, recall double,"
                  + " other_findings bigint, seconds double");
  private static final int EVERY = 20;
  private static final int MOST_EDITS = 4;

  private PlantedDuplicates() {}

  static void run(BenchContext context) {
    List<Row> found = new ArrayList<>();
    Dataset<Row> exercises =
        context.spark().read().json(context.data().resolve("gsm8k/train.jsonl").toString());
    found.addAll(
        measured("gsm8k", "generation", exercises.selectExpr("question", "answer"), context));
    Dataset<Row> titles =
        context
            .spark()
            .read()
            .option("sep", "\t")
            .option("header", true)
            .option("quote", "")
            .csv(context.data().resolve("hausa/train_clean.tsv").toString());
    found.addAll(
        measured("hausa", "classification", titles.selectExpr("news_title", "label"), context));
    context.table("planted_duplicates", context.spark().createDataFrame(found, FOUND));
  }

  private static List<Row> measured(
      String corpus, String task, Dataset<Row> texts, BenchContext context) {
    List<Row> rows = planted(texts.collectAsList(), new SmallEdits(context.seed()));
    String path = context.scratch().resolve(corpus + ".parquet").toString();
    context.spark().createDataFrame(rows, ROWS).write().parquet(path);
    RunDirectory run = context.pipeline(pipeline(corpus, task, path));
    Dataset<Row> findings = RunTables.namedFindings(context.spark(), run).cache();
    String pair = "(name = concat(other_name, '+', %1$d) or other_name = concat(name, '+', %1$d))";
    List<Row> found = new ArrayList<>();
    long others = findings.where("not (" + anyPlant() + ")").count();
    for (int edits = 0; edits <= MOST_EDITS; edits++) {
      String suffix = "+" + edits;
      long planted = rows.stream().filter(row -> row.getString(0).endsWith(suffix)).count();
      long pairs =
          findings
              .where(String.format(java.util.Locale.ROOT, pair, edits))
              .selectExpr("least(name, other_name)")
              .distinct()
              .count();
      found.add(
          RowFactory.create(
              corpus,
              (long) rows.size(),
              edits,
              planted,
              pairs,
              (double) pairs / planted,
              others,
              RunTables.seconds(run, "detect")));
    }
    findings.unpersist();
    return found;
  }

  private static String anyPlant() {
    return "substring_index(name, '+', 1) = substring_index(other_name, '+', 1)";
  }

  /** A copy is named after its original and the number of edits: {@code 17+2}. */
  private static List<Row> planted(List<Row> texts, SmallEdits edits) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      String target = texts.get(i).getString(1);
      rows.add(RowFactory.create("" + i, texts.get(i).getString(0), target));
      if (i % EVERY == 0) {
        int count = i / EVERY % (MOST_EDITS + 1);
        String other = target;
        for (int j = i + 1; other.equals(target); j++) {
          other = texts.get(j % texts.size()).getString(1);
        }
        rows.add(
            RowFactory.create(
                i + "+" + count, edits.edited(texts.get(i).getString(0), count, i), other));
      }
    }
    return rows;
  }

  static String pipeline(String corpus, String task, String path) {
    return """
        run: {id: duplicates-%1$s}
        steps: [ingest, detect]
        ingest:
          corpora:
            - {name: %1$s, task: %2$s, test_share: 0, source: {name: parquet, path: '%3$s'}}
        detect:
          detectors: [duplicate-input]
        """
        .formatted(corpus, task, path);
  }
}
