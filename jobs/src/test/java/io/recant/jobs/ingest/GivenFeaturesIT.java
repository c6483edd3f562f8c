package io.recant.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.recant.core.error.InputException;
import io.recant.core.table.Table;
import io.recant.jobs.StepFixture.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Vectors, probabilities and classes that come with a corpus. */
class GivenFeaturesIT {

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
  void parquetRowsHaveTheirPlaceAndVectorsTheirValues() {
    Path folder = ingest.files().resolve("vectors");
    ingest
        .steps()
        .spark()
        .range(0, 50, 1, 1)
        .selectExpr(
            "id",
            "concat('question ', id) as input",
            "if(id % 2 = 0, 'even', 'odd') as target",
            "if(id = 7, array(float('NaN'), 1f), if(id = 8, array(1f), array(float(id), 0.1f))) as v",
            "if(id % 2 = 0, array(0.9d, 0.1d), array(0.2d, 0.8d)) as p")
        .write()
        .parquet(folder.toString());
    Result run =
        ingest.run(
            "parquet",
            "max_quarantine: 0.1",
            "{name: c, task: classification, columns: {embedding: v, probabilities: p},"
                + " source: {name: parquet, path: '"
                + folder
                + "'}}");
    assertThat(IngestFixture.quarantine(run))
        .containsExactlyEntriesOf(
            new TreeMap<>(Map.of(8L, "wrong_embedding", 9L, "wrong_embedding")));
    Row third =
        run.table(Table.SAMPLES)
            .where("input = 'question 2'")
            .join(
                run.table(Table.EMBEDDINGS).select("sample_id", "model", "field", "vector"),
                "sample_id")
            .join(
                run.table(Table.PREDICTIONS).select("sample_id", "fold", "probabilities"),
                "sample_id")
            .head();
    assertThat(third.<Long>getAs("source_row")).isEqualTo(3);
    assertThat(third.<String>getAs("source_uri")).endsWith(".parquet");
    assertThat(third.getList(third.fieldIndex("vector"))).isEqualTo(List.of(2f, 0.1f));
    assertThat(third.<String>getAs("model") + third.<String>getAs("field")).isEqualTo("giveninput");
    assertThat(third.getList(third.fieldIndex("probabilities"))).isEqualTo(List.of(0.9f, 0.1f));
    assertThat(third.<Integer>getAs("fold")).isEqualTo(-1);
    assertThat(run.table(Table.EMBEDDINGS).count()).isEqualTo(48);
    assertThat(run.table(Table.CLASSES).orderBy("class_index").select("class_name").collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactly("even", "odd");
  }

  @Test
  void listedClassesHaveTheirOrderAndProbabilitiesTheirNumber() throws IOException {
    Path file =
        ingest.write(
            "given.jsonl",
            "{\"id\": 1, \"input\": \"a\", \"target\": \"dog\", \"p\": [0.1, 0.2, 0.7]}\n"
                + "{\"id\": 2, \"input\": \"b\", \"target\": \"cat\", \"p\": [0.5, 0.5]}\n"
                + "{\"id\": 3, \"input\": \"c\", \"target\": \"cow\", \"p\": [0.1, 0.2, 0.7]}\n");
    String corpus =
        "{name: c, task: classification, test_share: 0, columns: {probabilities: p},%s"
            + " source: {name: jsonl, path: '"
            + file
            + "'}}";
    Result run =
        ingest.run("given", "max_quarantine: 1", corpus.formatted(" classes: [dog, cat, ant],"));
    assertThat(IngestFixture.quarantine(run))
        .containsExactlyEntriesOf(
            new TreeMap<>(Map.of(2L, "wrong_probabilities", 3L, "unknown_class")));
    assertThat(
            run.table(Table.CLASSES)
                .orderBy("class_index")
                .selectExpr("concat(class_name, rows)")
                .collectAsList())
        .extracting(row -> row.getString(0))
        .containsExactly("dog1", "cat0", "ant0");
    assertThatThrownBy(() -> ingest.run("unlisted", "max_quarantine: 1", corpus.formatted("")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("list its classes");
  }
}
