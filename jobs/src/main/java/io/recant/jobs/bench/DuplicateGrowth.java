package io.recant.jobs.bench;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;

import io.recant.spark.run.RunDirectory;
import io.recant.spark.step.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * How long it takes to find duplicates as a corpus grows: texts of thirty words drawn from real
 * ones. Of every hundred rows ten are one and the same text, ten are one text with one other word
 * each (so that buckets crowd), and one is another row's text with a small edit and another target.
 */
final class DuplicateGrowth {

  private static final StructType TIMES =
      (StructType)
          DataType.fromDDL(
              "rows bigint, seconds double, rows_per_second double, planted bigint, recall double,"
                  + " findings bigint, exponent_so_far double");
  private static final int WORDS = 30;
  private static final int POOL = 50_000;

  private DuplicateGrowth() {}

  static void run(List<Long> sizes, BenchContext context) {
    List<String> pool = new ArrayList<>();
    for (Row row :
        context
            .spark()
            .read()
            .json(context.data().resolve("gsm8k/train.jsonl").toString())
            .select("question")
            .collectAsList()) {
      pool.addAll(List.of(row.getString(0).split("\\s+")));
    }
    String[] words =
        pool.stream().filter(w -> !w.matches(".*\\d.*")).limit(POOL).toArray(String[]::new);
    List<Row> times = new ArrayList<>();
    List<double[]> points = new ArrayList<>();
    for (long rows : sizes) {
      times.add(measured(rows, words, points, context));
    }
    context.table("duplicate_growth", context.spark().createDataFrame(times, TIMES));
  }

  private static Row measured(
      long rows, String[] words, List<double[]> points, BenchContext context) {
    String path = context.scratch().resolve("growth-" + rows + ".parquet").toString();
    long seed = context.seed();
    context
        .spark()
        .range(rows)
        .select(
            col("id").cast("string").as("name"),
            udf((UDF1<Long, String>) id -> text(id, words, seed), DataTypes.StringType)
                .apply(col("id"))
                .as("input"),
            org.apache.spark.sql.functions.expr("concat('class ', pmod(id, 7))").as("target"))
        .write()
        .parquet(path);
    RunDirectory run =
        context.pipeline(PlantedDuplicates.pipeline("growth-" + rows, "classification", path));
    double seconds = RunTables.seconds(run, "detect");
    points.add(new double[] {rows, seconds});
    Dataset<Row> findings = RunTables.namedFindings(context.spark(), run);
    long planted = (rows + 98) / 100;
    long found =
        findings.where("pmod(name, 100) = 1 and other_name = cast(name + 1 as bigint)").count();
    return RowFactory.create(
        rows,
        seconds,
        rows / seconds,
        planted,
        (double) found / planted,
        findings.count(),
        Growth.exponent(points));
  }

  private static String text(long id, String[] words, long seed) {
    SmallEdits edits = new SmallEdits(seed);
    int kind = (int) (id % 100);
    if (kind >= 80 && kind < 90) {
      return drawn(0, words, seed);
    } else if (kind >= 90) {
      String[] one = drawn(1, words, seed).split(" ");
      one[(int) (id / 100 % one.length)] = words[(int) (id * 31 % words.length)];
      return String.join(" ", one);
    }
    return kind == 1 ? edits.edited(drawn(id + 3, words, seed), 1, id) : drawn(id + 2, words, seed);
  }

  private static String drawn(long id, String[] words, long seed) {
    SplittableRandom random = new SplittableRandom(Seeds.derive(seed, "text/" + id));
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < WORDS; i++) {
      text.append(i == 0 ? "" : " ").append(words[random.nextInt(words.length)]);
    }
    return text.toString();
  }
}
