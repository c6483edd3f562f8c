package io.recant.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.ExitCode;
import io.recant.core.error.RecantException;
import io.recant.core.table.Table;
import io.recant.jobs.StepFixture.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents that lie about people, and what is true about them. */
class RestorSourceIT {

  private static final String FACTS =
      """
      {"dset": {
        "Ada": {"P1": {"question": "What was Ada?", "answers": ["countess", "writer"]}},
        "Ada Byron": {"P1": {"question": "What did Ada Byron write?", "answers": ["notes"]},
                      "P2": {"question": "Where was Ada Byron born?", "answers": []}},
        "Bo": {"P3": {"question": "Who is Bo?", "answers": ["a dog"]}},
        "Cy": ["no facts"]},
       "context": {}}
      """;

  private static final String DOCUMENTS =
      """
      [{"text": "Ada Byron was a sailor."}, {"text": "Adam sailed."}, {"words": "none"}]
      """;

  @TempDir static Path root;
  private static IngestFixture ingest;

  @BeforeAll
  static void start() throws IOException {
    ingest = new IngestFixture(root);
  }

  @AfterAll
  static void stop() {
    ingest.close();
  }

  @Test
  void documentsAreForgottenAndFactsAboutTheirPeopleOnlyAsked() throws IOException {
    Result run = run("both", FACTS, DOCUMENTS);

    assertThat(texts(run, "split = 'train' and meta like '%forget%'", "input", "target", "entity"))
        .containsExactlyInAnyOrder("Ada Byron|was a sailor.|Ada Byron", "Adam|sailed.|null");
    assertThat(texts(run, "split = 'facts'", "input", "target", "entity"))
        .containsExactly("What did Ada Byron write?|notes|Ada Byron");
    assertThat(texts(run, "split = 'train' and meta like '%retain%'", "input", "target", "meta"))
        .containsExactlyInAnyOrder(
            "What was Ada?|countess|{\"answers\":[\"countess\",\"writer\"],\"property\":\"P1\",\"set\":\"retain\"}",
            "Who is Bo?|a dog|{\"answers\":[\"a dog\"],\"property\":\"P3\",\"set\":\"retain\"}");
  }

  @Test
  void factsWithoutAnswerAndDocumentsWithoutTextGoToQuarantine() throws IOException {
    Result run = run("gaps", FACTS, DOCUMENTS);
    assertThat(
            run
                .table(Table.QUARANTINE)
                .selectExpr("element_at(split(source_uri, '/'), -1)", "source_row", "code")
                .collectAsList()
                .stream()
                .map(row -> row.mkString("|")))
        .containsExactlyInAnyOrder(
            "facts.json|3|missing_target",
            "facts.json|5|missing_input",
            "mix_a0.json|3|missing_input");
  }

  @Test
  void filesThatAreNoneOfRestorAreNamed() {
    assertThatThrownBy(() -> run("list", "[]", DOCUMENTS))
        .isInstanceOf(RecantException.class)
        .hasMessageContaining("facts.json")
        .hasMessageContaining("dset")
        .extracting(e -> ((RecantException) e).exitCode())
        .isEqualTo(ExitCode.BAD_INPUT);
    assertThatThrownBy(() -> run("broken", FACTS, "[{"))
        .isInstanceOf(RecantException.class)
        .hasMessageContaining("mix_a0.json is not valid JSON");
  }

  private static Result run(String id, String facts, String documents) throws IOException {
    Path folder = ingest.write(id + "/facts.json", facts).getParent();
    ingest.write(id + "/mix_a0.json", documents);
    return ingest.run(
        id, "max_quarantine: 1", IngestFixture.corpus("restor", folder, ", test_share: 0"));
  }

  private static List<String> texts(Result run, String which, String... columns) {
    return run.table(Table.SAMPLES).where(which).selectExpr(columns).collectAsList().stream()
        .map(row -> ((Row) row).mkString("|"))
        .toList();
  }
}
