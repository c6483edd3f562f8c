package io.recant.jobs.decide;

import static org.apache.spark.sql.functions.char_length;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.udf;

import io.recant.core.error.InputException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataType;

/**
 * The parts of a target that findings are about: column {@code span} of theirs, where it says so.
 */
final class TargetSpans {

  private static final String OF_TARGET = "target:";
  private static final Pattern RANGE = Pattern.compile("target:(\\d{1,9}):(\\d{1,9})");
  private static final DataType TYPE = DataType.fromDDL("array<struct<from:int,to:int>>");

  private TargetSpans() {}

  /**
   * Fails where a finding names a part that its target does not have.
   *
   * @throws InputException that names the first such finding
   */
  static void check(Dataset<Row> findings, Dataset<Row> samples) {
    Column from = col("span_parts").getItem(1).try_cast("int");
    Column to = col("span_parts").getItem(2).try_cast("int");
    Column fits = from.geq(0).and(to.gt(from)).and(to.leq(char_length(col("target"))));
    List<Row> bad =
        findings
            .where(col("span").startsWith(OF_TARGET))
            .selectExpr("corpus", "sample_id", "detector", "span", "split(span, ':') as span_parts")
            .join(samples.select("corpus", "sample_id", "target"), DecideStep.key(), "inner")
            .where(not(col("span").rlike("^" + RANGE.pattern() + "$")).or(not(fits)))
            .orderBy("corpus", "sample_id", "detector")
            .limit(1)
            .collectAsList();
    if (!bad.isEmpty()) {
      Row finding = bad.get(0);
      throw new InputException(
          "corpus "
              + finding.getAs("corpus")
              + ", sample "
              + finding.getAs("sample_id")
              + ": detector "
              + finding.getAs("detector")
              + " has a finding about '"
              + finding.getAs("span")
              + "', which is no part of the target");
    }
  }

  /**
   * The parts as column {@code spans} has them.
   *
   * @param spans an array of texts, nulls among them, of the findings that speak against a sample,
   *     the strongest first
   */
  static Column of(Column spans) {
    return udf((UDF1<scala.collection.Seq<String>, List<Row>>) TargetSpans::rows, TYPE)
        .apply(spans);
  }

  private static List<Row> rows(scala.collection.Seq<String> spans) {
    if (spans == null) {
      return null;
    }
    List<int[]> merged = merged(scala.jdk.javaapi.CollectionConverters.asJava(spans));
    return merged.isEmpty()
        ? null
        : merged.stream().map(part -> RowFactory.create(part[0], part[1])).toList();
  }

  /**
   * All parts of the target that findings name, in order and apart; none where the strongest
   * finding is about the whole target or about something else, for then all of it is in doubt.
   */
  static List<int[]> merged(List<String> spans) {
    List<int[]> parts = new ArrayList<>();
    for (String span : spans) {
      Matcher range = RANGE.matcher(span == null ? "" : span);
      if (range.matches()) {
        parts.add(new int[] {Integer.parseInt(range.group(1)), Integer.parseInt(range.group(2))});
      } else if (parts.isEmpty()) {
        return List.of();
      }
    }
    parts.sort(Comparator.comparingInt(part -> part[0]));
    List<int[]> apart = new ArrayList<>();
    for (int[] part : parts) {
      int[] last = apart.isEmpty() ? null : apart.get(apart.size() - 1);
      if (last != null && part[0] <= last[1]) {
        last[1] = Math.max(last[1], part[1]);
      } else {
        apart.add(part);
      }
    }
    return apart;
  }
}
