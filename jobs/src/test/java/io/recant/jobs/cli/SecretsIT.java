package io.recant.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.recant.core.manifest.Json;
import io.recant.core.manifest.Manifest;
import io.recant.jobs.cli.CommandsProcess.Printed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Passwords planted wherever a user may have to write one: none stands in anything that is printed,
 * logged at level INFO with {@code conf/log4j2-json.properties}, or written.
 */
class SecretsIT {

  private static final String SECRET = "Zq7hunter2vX";
  private static final String ROTATED = "Kw9hunter3bY";

  @TempDir static Path folder;
  private static Printed printed;

  @BeforeAll
  static void runWithPasswords() throws IOException, InterruptedException {
    Path corpus = Files.writeString(folder.resolve("corpus.jsonl"), rows());
    Path conf = folder.resolve("pipeline.yaml");
    Files.writeString(conf, configuration(SECRET, corpus));
    Path rotated = folder.resolve("rotated.yaml");
    Files.writeString(rotated, configuration(ROTATED, corpus));
    String root = "--root " + uri(SECRET, folder.resolve("runs"));
    String runs = " --conf " + conf + " " + root;
    printed =
        CommandsProcess.run(
            folder,
            Map.of(
                "log4j2.configurationFile",
                Path.of("../conf/log4j2-json.properties").toAbsolutePath().toString(),
                "spark.hadoop.fs." + CredentialFileSystem.SCHEME + ".impl",
                CredentialFileSystem.class.getName(),
                "spark.hadoop.fs.s3a.secret.key",
                SECRET,
                "spark.hadoop.fs.azure.account.key.mine",
                SECRET,
                "spark.ssl.keyPassword",
                SECRET),
            List.of(
                "check" + runs,
                "pipeline" + runs,
                "ingest --conf " + rotated + " " + root,
                "show samples" + runs,
                // What goes wrong, and says with what.
                "ingest --run-id a --set ingest.corpora.secret_key=" + SECRET + runs,
                "ingest --run-id b --set ingest.password=" + SECRET + runs,
                "ingest --run-id c --set run.seed.token=" + SECRET + runs,
                "ingest --run-id d --password=" + SECRET + runs,
                "ingest --run-id e --set run.root=file://me:" + SECRET + "@host/x --conf " + conf,
                "ingest --run-id f --set run.root=ftp://me:"
                    + SECRET
                    + "@127.0.0.1:1/x --conf "
                    + conf,
                "train --set train.models=["
                    + model("start", "/nowhere")
                    + "]"
                    + runs
                    + " --run-id seen",
                "show cells" + runs));
  }

  @Test
  void theCommandsDidWhatTheyWereToDo() {
    assertThat(printed.out().lines().filter(line -> line.startsWith("status")).toList())
        .as(printed.out() + printed.err())
        .containsExactly(
            "status 0",
            "status 0",
            "status 0",
            "status 0",
            "status 64",
            "status 64",
            "status 64",
            "status 64",
            "status 65",
            "status 70",
            "status 70",
            "status 0");
  }

  @Test
  void nothingPrintedOrLoggedHoldsThem() {
    assertThat(printed.out()).contains("vault://me:*****@host/");
    assertThat(printed.err()).contains("recant: ", "\"step\":\"ingest\"", "me:*****@");
    for (String text : List.of(printed.out(), printed.err())) {
      assertThat(text.lines()).noneMatch(line -> line.contains(SECRET) || line.contains(ROTATED));
    }
  }

  @Test
  void nothingWrittenHoldsThem() throws IOException, SQLException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder.resolve("runs"))) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    StringBuilder rows = new StringBuilder();
    for (Path file : files) {
      String text =
          file.toString().endsWith(".parquet")
              ? parquet(file)
              : new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
      assertThat(text).as(file.toString()).doesNotContain(SECRET).doesNotContain(ROTATED);
      rows.append(text);
    }
    assertThat(rows).contains("vault://me:*****@host" + folder.resolve("corpus.jsonl"));
    assertThat(files).anyMatch(file -> file.endsWith("report/index.html"));
  }

  @Test
  void aRotatedPasswordIsTheSameConfiguration() throws IOException {
    assertThat(printed.out()).contains("already committed, nothing to do");
    Manifest manifest =
        Json.read(
            Files.readAllBytes(folder.resolve("runs/seen/manifests/ingest.json")), Manifest.class);
    assertThat(manifest.config().at("/corpora/0/source/path").asText())
        .isEqualTo("vault://me:*****@host" + folder.resolve("corpus.jsonl"));
  }

  /** Every value of a parquet file as text. */
  private static String parquet(Path file) throws SQLException {
    List<String> values = new ArrayList<>();
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement();
        ResultSet rows = statement.executeQuery("select * from read_parquet('" + file + "')")) {
      while (rows.next()) {
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          values.add(String.valueOf(rows.getObject(i)));
        }
      }
    }
    return String.join("\n", values);
  }

  private static String configuration(String password, Path corpus) {
    return """
        run: {id: seen, shards: 1}
        steps: [ingest, decide, report]
        ingest:
          corpora:
            - {name: facts, task: generation, source: {name: jsonl, path: '%s'}}
        decide: {given: meta.set}
        """
        .formatted(uri(password, corpus));
  }

  private static String model(String key, String path) {
    return "{'model':'m','corpus':'facts','family':{'name':'causal-lm'},'%s':'%s'}"
        .replace('\'', '"')
        .formatted(key, uri(SECRET, Path.of(path)));
  }

  private static String uri(String password, Path path) {
    return CredentialFileSystem.SCHEME + "://me:" + password + "@host" + path;
  }

  private static String rows() {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      rows.append(
          "{\"input\": \"q%d\", \"target\": \"a%d\", \"set\": \"%s\"}%n"
              .formatted(i, i, i < 3 ? "forget" : "retain"));
    }
    return rows.toString();
  }
}
