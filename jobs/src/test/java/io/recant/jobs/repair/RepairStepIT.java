package io.recant.jobs.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.recant.core.table.Table;
import io.recant.jobs.StepFixture;
import io.recant.jobs.score.ScoreStep;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepairStepIT {

  private static final String CONFIG = "repair: {precision: 0.87}\n";

  @TempDir static Path root;
  private static StepFixture fixture;
  private static StepFixture.Result usual;

  @BeforeAll
  static void start() {
    fixture = new StepFixture(root);
    usual = fixture.run("usual", CONFIG, new RepairCorpora(3), new RepairStep(), new ScoreStep());
  }

  @AfterAll
  static void stop() {
    fixture.close();
  }

  @Test
  void everyFlaggedSampleWithASuggestionHasOneRow() {
    Dataset<Row> flagged = usual.table(Table.DECISIONS).where("action != 'retain'");
    Dataset<Row> repairs = usual.table(Table.REPAIRS);

    assertThat(repairs.select("sample_id").distinct().count()).isEqualTo(repairs.count());
    assertThat(
            repairs
                .join(flagged, new String[] {"corpus", "shard", "sample_id"}, "left_semi")
                .count())
        .isEqualTo(repairs.count());
    assertThat(repairs.where("sample_id like 'canary%'").count()).isZero();
    for (String corpus : List.of("classes", "open", "unmeasured", "scarce")) {
      long suggested =
          corpus.equals("classes")
              ? count(flagged, corpus)
              : usual
                  .table(Table.FINDINGS)
                  .where("suggested_target is not null and corpus = '" + corpus + "'")
                  .count();
      assertThat(count(repairs.where("action in ('relabel', 'ask')"), corpus))
          .as(corpus)
          .isEqualTo(suggested)
          .isEqualTo(score(corpus, "suggestions", "canaries", "value").longValue());
    }
    assertThat(count(repairs, "mute") + count(repairs, "alone")).isZero();
  }

  @Test
  void rowsHoldTogether() {
    Dataset<Row> repairs = usual.table(Table.REPAIRS);

    assertThat(repairs.where("suggested_target = given_target or trim(reason) = ''").count())
        .isZero();
    assertThat(repairs.where("p_suggested + p_given + coalesce(p_second, 0) > 1.0002").count())
        .isZero();
    assertThat(
            repairs
                .where(
                    "(action = 'relabel') !="
                        + " coalesce(p_suggested >= threshold and p_suggested > p_given, false)")
                .count())
        .isZero();
  }

  /** 0.9 * 0.98 for the sure, 0.9 * 0.6 for the others: together too few are right. */
  @Test
  void probabilitiesAreThoseOfTheFixture() {
    Dataset<Row> forget = of("classes").where("p_given < 0.2");
    Dataset<Row> sure = forget.where("action = 'relabel'");

    assertThat(sure.count()).isBetween(250L, 350L);
    assertThat(mean(sure, "p_suggested")).isCloseTo(0.9 * 0.98, within(0.02));
    assertThat(mean(forget.where("action = 'ask'"), "p_suggested"))
        .isCloseTo(0.9 * 0.6, within(0.05));
    assertThat(sure.where("array_contains(sources, 'probabilities')").count())
        .isEqualTo(sure.count());
    assertThat(of("open").where("action = 'relabel'").count()).isZero();
    assertThat(mean(of("open"), "p_suggested")).isCloseTo(0.8 * 0.9, within(0.03));
  }

  @Test
  void theEstimateHoldsAgainstTheTruth() {
    for (String measure :
        List.of("suggestion_precision", "repair_precision", "CL", "CS", "accuracy_after")) {
      double truth = score("classes", measure, "truth", "value");
      assertThat(score("classes", measure, "canaries", "value"))
          .as(measure)
          .isCloseTo(truth, within(0.05));
      assertThat(truth)
          .as(measure)
          .isBetween(
              score("classes", measure, "canaries", "lower") - 0.03,
              score("classes", measure, "canaries", "upper") + 0.03);
    }
    assertThat(score("open", "suggestion_precision", "truth", "value"))
        .isCloseTo(score("open", "suggestion_precision", "canaries", "value"), within(0.06));
  }

  @Test
  void truthIsCountedFromTheRows() {
    Dataset<Row> relabelled = of("classes").where("action = 'relabel'");
    Dataset<Row> right =
        usual
            .table(Table.INJECTIONS)
            .join(relabelled.select("sample_id", "suggested_target"), "sample_id")
            .where("before = suggested_target");
    long injected = usual.table(Table.INJECTIONS).where("corpus = 'classes'").count();

    assertThat(score("classes", "repair_precision", "truth", "value"))
        .isEqualTo((double) right.count() / relabelled.count());
    assertThat(score("classes", "CS", "truth", "value"))
        .isEqualTo((double) right.count() / injected);
    for (String basis : List.of("canaries", "truth")) {
      double before = score("classes", "accuracy_before", basis, "value");
      assertThat(score("classes", "accuracy_after", basis, "value"))
          .isCloseTo(
              before * score("classes", "CL", basis, "value")
                  + (1 - before) * score("classes", "CS", basis, "value"),
              within(1e-9));
    }
  }

  @Test
  void withoutEnoughCanariesNothingIsPutIn() {
    for (String corpus : List.of("unmeasured", "scarce")) {
      assertThat(
              of(corpus)
                  .where("p_suggested is null and threshold is null and action = 'ask'")
                  .where("suggested_target = 'class 2' and reason like '%not known%'")
                  .count())
          .as(corpus)
          .isEqualTo(RepairCorpora.FEW / 2);
    }
    assertThat(
            usual
                .table(Table.REPAIR_SCORES)
                .where("corpus = 'unmeasured' and basis = 'canaries'")
                .select("measure")
                .as(org.apache.spark.sql.Encoders.STRING())
                .collectAsList())
        .containsExactlyInAnyOrder("suggestions", "relabelled");
  }

  @Test
  void sameRowsWhateverThePartitioning() {
    StepFixture.Result other = fixture.run("other", CONFIG, new RepairCorpora(7), new RepairStep());

    assertThat(other.contents("repair")).isEqualTo(usual.contents("repair"));
  }

  private static Dataset<Row> of(String corpus) {
    return usual.table(Table.REPAIRS).where("corpus = '" + corpus + "'");
  }

  private static long count(Dataset<Row> rows, String corpus) {
    return rows.where("corpus = '" + corpus + "'").count();
  }

  private static double mean(Dataset<Row> rows, String column) {
    return rows.agg(org.apache.spark.sql.functions.avg(column)).first().getDouble(0);
  }

  private static Double score(String corpus, String measure, String basis, String column) {
    return usual
        .table(Table.REPAIR_SCORES)
        .where("corpus = '" + corpus + "' and measure = '" + measure + "'")
        .where("basis = '" + basis + "'")
        .select(column)
        .first()
        .getDouble(0);
  }
}
