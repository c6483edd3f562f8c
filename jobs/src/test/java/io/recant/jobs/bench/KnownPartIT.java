package io.recant.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.core.table.Table;
import io.recant.jobs.StepFixture;
import io.recant.jobs.decide.DecideStep;
import io.recant.jobs.ingest.IngestStep;
import io.recant.jobs.inject.InjectStep;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that takes over another, of whose damage it knows a part. */
class KnownPartIT {

  @TempDir static Path root;
  private static StepFixture steps;
  private static StepFixture.Result whole;

  @BeforeAll
  static void damage() {
    steps = new StepFixture(root);
    whole =
        steps.run(
            "whole",
            """
            ingest:
              corpora:
                - {name: verbs, task: classification, limit: 1000,
                   source: {name: wordnet, parts_of_speech: [verb]}}
            inject:
              known_share: 1
              corpora: {verbs: [{name: interclass-confusion, classes: [verb.change, verb.contact], share: 0.5}]}
            """,
            new IngestStep(),
            new InjectStep());
  }

  @AfterAll
  static void stop() {
    steps.close();
  }

  private static StepFixture.Result part(String id, double share, double wrong) {
    return steps.run(
        id,
        "known-part: {run: '%s', share: %s, wrong: %s}".formatted(whole.run().path(), share, wrong),
        new KnownPart());
  }

  private static Dataset<Row> known(StepFixture.Result run) {
    return run.table(Table.KNOWN_BAD).select("sample_id");
  }

  @Test
  void everythingButTheClueIsTheSame() {
    StepFixture.Result part = part("same", 0.3, 0);
    for (String table : new String[] {"samples", "damaged", "injections", "classes"}) {
      assertThat(part.contents("known-part").get(table))
          .as(table)
          .isIn(whole.contents("ingest").get(table), whole.contents("inject").get(table));
    }
  }

  @Test
  void whatFollowsSeesTheDamage() {
    StepFixture.Result part =
        steps.run(
            "decided",
            "known-part: {run: '%s', share: 0.5}".formatted(whole.run().path()),
            new KnownPart(),
            new DecideStep());
    Dataset<Row> damaged = part.table(Table.INJECTIONS).select("sample_id", "after");
    Dataset<Row> sets =
        part.table(Table.RETAIN)
            .select("sample_id", "target")
            .union(part.table(Table.FORGET).select("sample_id", "target"));
    assertThat(sets.join(damaged, "sample_id").where("target = after").count())
        .isEqualTo(damaged.count());
    assertThat(part.table(Table.FORGET).count()).isEqualTo(known(part).count());
  }

  @Test
  void aLargerShareHoldsWhatASmallerOneDoes() {
    long all = known(whole).count();
    StepFixture.Result few = part("few", 0.1, 0);
    StepFixture.Result more = part("more", 0.6, 0);
    assertThat(known(few).count()).isEqualTo(Math.round(0.1 * all));
    assertThat(known(more).count()).isEqualTo(Math.round(0.6 * all));
    assertThat(known(few).except(known(more)).count()).isZero();
    assertThat(known(more).except(known(whole)).count()).isZero();
  }

  @Test
  void wrongOnesAreGoodRowsWithATargetThatDamageGave() {
    long all = known(whole).count();
    StepFixture.Result part = part("wrong", 0.5, 0.2);
    long wanted = Math.round(0.5 * all);
    assertThat(known(part).count()).isEqualTo(wanted);
    Dataset<Row> wrong =
        part.table(Table.DAMAGED).join(known(part).except(known(whole)), "sample_id");
    assertThat(wrong.count()).isEqualTo(Math.round(0.2 * wanted));
    assertThat(wrong.where("split != 'train'").count()).isZero();
    assertThat(wrong.where("target not in ('verb.change', 'verb.contact')").count()).isZero();
  }
}
