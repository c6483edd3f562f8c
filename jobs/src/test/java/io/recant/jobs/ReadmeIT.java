package io.recant.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.core.table.Table;
import io.recant.spark.run.RunDirectory;
import io.recant.spark.table.Schemas;
import io.recant.spark.table.TableWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README tells people to type does what it says. */
class ReadmeIT {

  private static final Pattern DUCKDB =
      Pattern.compile("DuckDB:\\s+```sql\\s+(.*?);\\s+```", Pattern.DOTALL);

  private static final Pattern REPAIRED =
      Pattern.compile("instead of unlearning the rest:\\s+```sql\\s+(.*?);\\s+```", Pattern.DOTALL);

  @Test
  void duckDbReadsTheForgetSetAsShown(@TempDir Path root) throws Exception {
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .getOrCreate()) {
      RunDirectory run = RunDirectory.open(root.toString(), "quickstart", new Configuration());
      List<Row> rows = List.of(row("a", "noun.plant", 0.7, 0), row("b", "noun.animal", 0.9, 1));
      TableWriter.write(run, Table.FORGET, spark.createDataFrame(rows, Schemas.of(Table.FORGET)));
    }
    String readme = Files.readString(Path.of("..", "README.md"));
    Matcher query = DUCKDB.matcher(readme);
    assertThat(query.find()).as("the README shows a DuckDB query").isTrue();
    String sql = query.group(1).replace("runs/quickstart", root.resolve("quickstart").toString());

    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      assertThat(result.next()).isTrue();
      assertThat(result.getString("input")).isEqualTo("text of b");
      assertThat(result.getDouble("p_bad")).isEqualTo(0.9);
      assertThat(result.getString("why")).isEqualTo("because of b");
      assertThat(result.next()).isTrue();
      assertThat(result.getString("suggested_target")).isEqualTo("noun.animal");
      assertThat(result.next()).isFalse();
    }
  }

  @Test
  void duckDbReadsTheRepairedSetAsShown(@TempDir Path root) throws Exception {
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[1]")
            .config("spark.ui.enabled", "false")
            .getOrCreate()) {
      RunDirectory run = RunDirectory.open(root.toString(), "quickstart", new Configuration());
      write(spark, run, Table.RETAIN, row("kept", "noun.plant", 0.1, 0));
      write(spark, run, Table.FORGET, row("a", "noun.plant", 0.9, 0), row("b", "noun.act", 0.7, 1));
      write(spark, run, Table.REVIEW, row("c", "noun.act", 0.5, 1));
      write(spark, run, Table.REPAIRS, repair("a", "relabel", 0), repair("b", "ask", 1));
    }
    Matcher query = REPAIRED.matcher(Files.readString(Path.of("..", "README.md")));
    assertThat(query.find()).as("the README shows a query of repaired rows").isTrue();
    String sql = query.group(1).replace("runs/quickstart", root.resolve("quickstart").toString());

    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql + " order by input desc")) {
      assertThat(result.next()).isTrue();
      assertThat(result.getString(1) + ": " + result.getString(2))
          .isEqualTo("text of kept: noun.plant");
      assertThat(result.next()).isTrue();
      assertThat(result.getString(1) + ": " + result.getString(2))
          .isEqualTo("text of a: noun.food");
      assertThat(result.next()).isFalse();
    }
  }

  private static void write(SparkSession spark, RunDirectory run, Table table, Row... rows) {
    TableWriter.write(run, table, spark.createDataFrame(List.of(rows), Schemas.of(table)));
  }

  private static Row repair(String id, String action, int shard) {
    return RowFactory.create(
        id,
        "given",
        "noun.food",
        0.8,
        0.1,
        null,
        null,
        new String[] {"probabilities"},
        action,
        "because",
        0.7,
        "supersense",
        shard);
  }

  private static Row row(String id, String target, double bad, int shard) {
    return RowFactory.create(
        id,
        "classification",
        "text of " + id,
        target,
        null,
        null,
        "train",
        null,
        null,
        null,
        null,
        "file",
        1L,
        bad,
        "forget",
        new String[] {"because of " + id},
        "noun.animal",
        0.5,
        new float[] {1f, 0f},
        "supersense",
        shard);
  }
}
