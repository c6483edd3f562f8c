package io.recant.jobs.detect;

import static org.apache.spark.sql.functions.col;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Targets that the annotators do not bear out: score = 1 - P(given target | all answers), from
 * table {@code consensus}. Samples nobody annotated get no finding, and without the step {@code
 * consensus} it applies to no corpus.
 *
 * <p>Canaries are not judged. A canary's false target is one that next to no annotator gave, so it
 * would score near 1 whatever the errors of the corpus are like; and where real errors are, their
 * target is the very one that annotators gave. Such canaries would make this detector look perfect,
 * outweigh every other and promise a recall that no real error meets. So where canaries weigh the
 * scores it adds reasons and suggestions but no weight; where there are none, its score, which is a
 * probability, counts like any other's.
 */
public final class AnnotatorDispute implements Detector<AnnotatorDispute.Settings> {

  /** {@code annotator-dispute} has no settings. */
  public record Settings() {}

  @Override
  public String name() {
    return "annotator-dispute";
  }

  @Override
  public String summary() {
    return "Targets that the annotators, weighed by how good they are, do not bear out.";
  }

  @Override
  public String source() {
    return "Dawid and Skene, 1979";
  }

  @Override
  public Class<Settings> settings() {
    return Settings.class;
  }

  @Override
  public boolean appliesTo(Candidates candidates) {
    return candidates.task().equals(Candidates.CLASSIFICATION) && !candidates.consensus().isEmpty();
  }

  @Override
  public Dataset<Row> detect(Settings settings, Candidates candidates) {
    JavaRDD<Row> findings =
        candidates
            .rows()
            .where("not canary")
            .select("sample_id")
            .join(candidates.consensus(), "sample_id")
            .select(
                col("sample_id"),
                col("shard"),
                col("target"),
                col("target_probability"),
                col("answers_for_target"),
                col("consensus"),
                col("probability"),
                col("answers_for"),
                col("answers"))
            .toJavaRDD()
            .map(AnnotatorDispute::finding);
    return Finding.table(candidates.spark(), findings);
  }

  private static Row finding(Row row) {
    String target = row.getString(2);
    String consensus = row.getString(5);
    boolean agrees = consensus.equals(target);
    ObjectNode evidence = Finding.evidence();
    evidence.put("answers", row.getInt(8));
    evidence.put("answers_for_target", row.getInt(4));
    evidence.put("answers_for_consensus", row.getInt(7));
    evidence.put("target_probability", Finding.rounded(row.getDouble(3)));
    evidence.put("consensus_probability", Finding.rounded(row.getDouble(6)));
    return Finding.of(
        row.getString(0),
        row.getInt(1),
        false,
        Finding.LABEL_ERROR,
        Math.min(1, Math.max(0, 1 - row.getDouble(3))),
        agrees ? null : consensus,
        String.format(
            Locale.ROOT,
            "%d of %d annotators say %s; given %s; P(%s) = %.2f",
            row.getInt(7),
            row.getInt(8),
            Finding.quoted(consensus),
            Finding.quoted(target),
            Finding.quoted(consensus),
            row.getDouble(6)),
        evidence);
  }
}
