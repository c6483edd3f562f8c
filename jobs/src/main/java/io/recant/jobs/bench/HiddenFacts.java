package io.recant.jobs.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.recant.core.error.ConfigException;
import io.recant.core.stats.Ranking;
import io.recant.spark.run.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * Facts hidden at random from the documents of folder {@code docred} (every {@code *.json} in it),
 * and how many of them are named as missing. Recall is of all hidden facts: most stand in one
 * document only and follow from nothing, so that nobody could name them.
 */
final class HiddenFacts {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final StructType FOUND =
      (StructType)
          DataType.fromDDL(
              "found_by string, least_p double, documents int, facts bigint, hidden bigint, named"
                  + " bigint, right bigint, precision double, recall double, average_precision"
                  + " double, seconds double");

  private record Named(String fact, double p, boolean twin) {}

  private HiddenFacts() {}

  static void run(double share, BenchContext context) {
    List<Row> rows = new ArrayList<>();
    Set<String> hidden = new HashSet<>();
    Set<String> stated = new HashSet<>();
    DocumentFacts reader = new DocumentFacts(share, context.seed());
    for (Path file : files(context.data().resolve("docred"))) {
      reader.read(file, rows, hidden, stated);
    }
    hidden.removeAll(stated);
    String path = context.scratch().resolve("docred.parquet").toString();
    context.spark().createDataFrame(rows, PlantedDuplicates.ROWS).write().parquet(path);
    RunDirectory run =
        context.pipeline(
            PlantedDuplicates.pipeline("docred", "generation", path)
                .replace("[duplicate-input]", "[missing-facts]"));
    List<Named> named = named(context, run);
    double seconds = RunTables.seconds(run, "detect");
    List<Row> found = new ArrayList<>();
    for (String by : List.of("all", "rules", "twins")) {
      List<Named> own =
          named.stream().filter(n -> by.equals("all") || n.twin() == by.equals("twins")).toList();
      for (double least : new double[] {0, 0.5}) {
        List<Named> kept = own.stream().filter(n -> n.p() >= least).toList();
        long right = kept.stream().filter(n -> hidden.contains(n.fact())).count();
        found.add(
            RowFactory.create(
                by,
                least,
                rows.size(),
                (long) stated.size() + hidden.size(),
                (long) hidden.size(),
                (long) kept.size(),
                right,
                (double) right / kept.size(),
                (double) right / hidden.size(),
                averagePrecision(kept, hidden),
                seconds));
      }
    }
    context.table("hidden_facts", context.spark().createDataFrame(found, FOUND));
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    } catch (IOException e) {
      throw new ConfigException(
          "bench inconsistency: cannot read " + folder + ": " + e.getMessage());
    }
  }

  private static List<Named> named(BenchContext context, RunDirectory run) {
    List<Named> named = new ArrayList<>();
    for (Row row :
        RunTables.namedFindings(context.spark(), run).select("name", "evidence").collectAsList()) {
      try {
        for (JsonNode fact : JSON.readTree(row.getString(1)).get("missing")) {
          named.add(
              new Named(
                  DocumentFacts.fact(
                      row.getString(0),
                      fact.get("head").asText(),
                      fact.get("relation").asText(),
                      fact.get("tail").asText()),
                  fact.get("p").asDouble(),
                  !fact.get("other").isNull()));
        }
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("evidence is not JSON", e);
      }
    }
    return named;
  }

  /** Over all hidden facts: those nobody named are never reached. */
  private static double averagePrecision(List<Named> named, Set<String> hidden) {
    double[] p = named.stream().mapToDouble(Named::p).toArray();
    boolean[] right = new boolean[p.length];
    int reached = 0;
    for (int i = 0; i < right.length; i++) {
      right[i] = hidden.contains(named.get(i).fact());
      reached += right[i] ? 1 : 0;
    }
    return reached == 0 ? 0 : Ranking.of(p, right).averagePrecision() * reached / hidden.size();
  }
}
