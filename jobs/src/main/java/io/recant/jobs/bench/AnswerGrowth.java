package io.recant.jobs.bench;

import io.recant.core.table.Table;
import io.recant.spark.run.RunDirectory;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * How long a consensus takes as a corpus grows: five answers a sample, four classes, one annotator
 * for every five hundred answers, each right as often as a hash of the name says (from 0.4 to 1).
 */
final class AnswerGrowth {

  private static final StructType TIMES =
      (StructType)
          DataType.fromDDL(
              "answers bigint, samples bigint, annotators bigint, seconds double,"
                  + " answers_per_second double, share_right double, method string,"
                  + " exponent_so_far double");
  private static final int ANSWERS = 5;
  private static final int A_PERSON = 500;

  private AnswerGrowth() {}

  static void run(List<Long> sizes, BenchContext context) {
    List<Row> times = new ArrayList<>();
    for (long answers : sizes) {
      times.add(measured(answers, times, context));
    }
    context.table("answer_growth", context.spark().createDataFrame(times, TIMES));
  }

  private static Row measured(long answers, List<Row> before, BenchContext context) {
    String path = context.scratch().resolve("answers-" + answers + ".parquet").toString();
    long people = Math.max(ANSWERS, answers / A_PERSON);
    String person =
        "pmod(pmod(xxhash64(%1$d, id div %2$d), %3$d) + pmod(id, %2$d), %3$d)"
            .formatted(context.seed(), ANSWERS, people);
    String right =
        "pmod(xxhash64(1, id), 1000) < 400 + pmod(xxhash64(2, %s), 600)".formatted(person);
    context
        .spark()
        .range(answers)
        .selectExpr(
            "cast(id div %d as string) as id".formatted(ANSWERS),
            "concat('item ', id div %d) as input".formatted(ANSWERS),
            "cast(pmod(id div %d + if(%s, 0, 1 + pmod(xxhash64(3, id), 3)), 4) as string) as target"
                .formatted(ANSWERS, right),
            "concat('w', %s) as worker".formatted(person))
        .write()
        .parquet(path);
    RunDirectory run =
        context.pipeline(
            CrowdTruth.pipeline(
                "answers-" + answers,
                List.of(CrowdTruth.corpus("answers", path, List.of("0", "1", "2", "3")))));
    double seconds = RunTables.seconds(run, "consensus");
    Dataset<Row> consensus =
        RunTables.read(context.spark(), run, Table.CONSENSUS)
            .join(
                RunTables.read(context.spark(), run, Table.SAMPLES).select("sample_id", "input"),
                "sample_id");
    long samples = consensus.count();
    long hits = consensus.where("consensus = pmod(cast(substring(input, 6) as bigint), 4)").count();
    return RowFactory.create(
        answers,
        samples,
        people,
        seconds,
        answers / seconds,
        (double) hits / samples,
        consensus.first().getAs("method"),
        Growth.soFar(before, 0, 3, answers, seconds));
  }
}
