package io.recant.jobs.cli;

import io.recant.core.redact.Redaction;
import io.recant.core.table.Table;
import io.recant.spark.table.TableReader;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;

/** What a run came to, for a person at a terminal: it reads nothing but the run's tables. */
final class Summary {

  private final Session session;
  private final PrintStream out;

  Summary(Session session, PrintStream out) {
    this.session = session;
    this.out = out;
  }

  void print() {
    out.println();
    out.println("SUMMARY of run '" + session.config().run().id() + "'");
    rows();
    detection();
    repair();
    models();
    report();
  }

  private void rows() {
    Map<String, Map<Table, Long>> counts = new TreeMap<>();
    List<Table> tables =
        List.of(
            Table.SAMPLES,
            Table.QUARANTINE,
            Table.INJECTIONS,
            Table.FORGET,
            Table.RETAIN,
            Table.REVIEW);
    for (Table table : tables) {
      for (Row row : read(table).groupBy("corpus").count().collectAsList()) {
        counts
            .computeIfAbsent(row.getString(0), c -> new LinkedHashMap<>())
            .put(table, row.getLong(1));
      }
    }
    TextTable text =
        new TextTable(
            "corpus", "rows in", "quarantined", "samples", "damaged", "forget", "review", "retain");
    counts.forEach(
        (corpus, n) ->
            text.row(
                corpus,
                number(n.getOrDefault(Table.SAMPLES, 0L) + n.getOrDefault(Table.QUARANTINE, 0L)),
                number(n.getOrDefault(Table.QUARANTINE, 0L)),
                number(n.getOrDefault(Table.SAMPLES, 0L)),
                number(n.getOrDefault(Table.INJECTIONS, 0L)),
                number(n.getOrDefault(Table.FORGET, 0L)),
                number(n.getOrDefault(Table.REVIEW, 0L)),
                number(n.getOrDefault(Table.RETAIN, 0L))));
    heading("Rows", "how many came in, and where each one went");
    text.print(out);
  }

  private void detection() {
    Map<String, Map<String, Row>> byRow = new TreeMap<>();
    for (Row row : read(Table.DETECTION_SCORES).collectAsList()) {
      String key = row.<String>getAs("corpus") + "\t" + row.<String>getAs("detector");
      byRow
          .computeIfAbsent(key, k -> new TreeMap<>())
          .put(row.getAs("measure") + "/" + row.getAs("basis"), row);
    }
    if (byRow.isEmpty()) {
      return;
    }
    heading(
        "Detection",
        "estimated from canaries (with a 95 % interval), and true where the damage is known");
    TextTable text =
        new TextTable(
            "corpus",
            "detector",
            "precision est.",
            "true",
            "recall est.",
            "true",
            "avg. precision",
            "best F1");
    byRow.forEach(
        (key, measures) -> {
          String[] names = key.split("\t");
          text.row(
              names[0],
              names[1].equals("decide") ? "ALL TOGETHER" : names[1],
              interval(measures.get("precision/canaries")),
              value(measures.get("precision/truth")),
              interval(measures.get("recall/canaries")),
              value(measures.get("recall/truth")),
              value(measures.get("average_precision/truth")),
              value(measures.get("best_f1/truth")));
        });
    text.print(out);
  }

  private void repair() {
    Map<String, Map<String, Row>> byCorpus = new TreeMap<>();
    for (Row row : read(Table.REPAIR_SCORES).collectAsList()) {
      byCorpus
          .computeIfAbsent(row.getAs("corpus"), c -> new TreeMap<>())
          .put(row.getAs("measure") + "/" + row.getAs("basis"), row);
    }
    byCorpus.values().removeIf(measures -> none(measures.get("suggestions/canaries")));
    if (byCorpus.isEmpty()) {
      return;
    }
    heading(
        "Repair",
        "right targets suggested; CL: right ones kept, CS: wrong ones fixed, by putting in the sure ones");
    TextTable text =
        new TextTable(
            "corpus",
            "suggested",
            "put in",
            "right est.",
            "true",
            "CL est.",
            "true",
            "CS est.",
            "true",
            "accuracy est.",
            "true");
    byCorpus.forEach(
        (corpus, of) ->
            text.row(
                corpus,
                whole(of.get("suggestions/canaries")),
                whole(of.get("relabelled/canaries")),
                interval(of.get("repair_precision/canaries")),
                value(of.get("repair_precision/truth")),
                value(of.get("CL/canaries")),
                value(of.get("CL/truth")),
                value(of.get("CS/canaries")),
                value(of.get("CS/truth")),
                change(of, "canaries"),
                change(of, "truth")));
    text.print(out);
  }

  private static String change(Map<String, Row> measures, String basis) {
    String before = value(measures.get("accuracy_before/" + basis));
    return before.isEmpty() ? "" : before + " > " + value(measures.get("accuracy_after/" + basis));
  }

  private static boolean none(Row row) {
    return row == null || row.<Double>getAs("value") == 0;
  }

  private static String whole(Row row) {
    return number(Math.round(row.<Double>getAs("value")));
  }

  private void models() {
    List<Row> rows = read(Table.SCORES).collectAsList();
    TreeSet<String> models = new TreeSet<>();
    rows.forEach(row -> models.add(row.getAs("model")));
    for (String model : models) {
      heading(
          "Model " + model,
          "mean over seeds; the oracle never saw the bad data, the victim is the untouched model");
      printModel(rows.stream().filter(row -> row.<String>getAs("model").equals(model)).toList());
    }
  }

  /** One line a measure, one column a model: there are more measures than a terminal is wide. */
  private void printModel(List<Row> rows) {
    Map<String, Map<String, double[]>> means = new TreeMap<>();
    TreeSet<String> methods =
        new TreeSet<>(Comparator.comparing(Summary::rank).thenComparing(method -> method));
    for (Row row : rows) {
      if (row.getAs("value") == null) {
        continue;
      }
      methods.add(row.getAs("method"));
      String metric = row.<String>getAs("metric") + " (" + row.<String>getAs("split") + ")";
      double[] sum =
          means
              .computeIfAbsent(metric, m -> new TreeMap<>())
              .computeIfAbsent(row.getAs("method"), m -> new double[2]);
      sum[0] += row.<Double>getAs("value");
      sum[1]++;
    }
    List<String> header = new ArrayList<>(List.of("measure"));
    header.addAll(methods);
    TextTable text = new TextTable(header.toArray(String[]::new));
    means.forEach(
        (metric, values) -> {
          List<String> cells = new ArrayList<>(List.of(metric));
          for (String method : methods) {
            double[] sum = values.get(method);
            cells.add(sum == null ? "" : String.format(Locale.ROOT, "%.3f", sum[0] / sum[1]));
          }
          text.row(cells.toArray(String[]::new));
        });
    text.print(out);
  }

  private static int rank(String method) {
    return switch (method) {
      case "oracle" -> 0;
      case "victim" -> 1;
      case "retrained" -> 2;
      case "base" -> 3;
      default -> 4;
    };
  }

  private void report() {
    Path report = new Path(session.run().path(), "report/index.html");
    try {
      if (session.run().fileSystem().exists(report)) {
        out.println();
        out.println("Report: " + Redaction.uris(report.toString()));
      }
    } catch (IOException e) {
      out.println("Report: cannot be looked for: " + Redaction.text(e.getMessage()));
    }
  }

  private org.apache.spark.sql.Dataset<Row> read(Table table) {
    return TableReader.read(session.spark(), session.run(), table);
  }

  private void heading(String title, String explanation) {
    out.println();
    out.println(title + ": " + explanation);
  }

  private static String number(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  private static String value(Row row) {
    return row == null || row.getAs("value") == null
        ? ""
        : String.format(Locale.ROOT, "%.3f", row.<Double>getAs("value"));
  }

  private static String interval(Row row) {
    if (row == null || row.getAs("lower") == null || row.getAs("upper") == null) {
      return value(row);
    }
    return String.format(
        Locale.ROOT,
        "%s [%.2f, %.2f]",
        value(row),
        row.<Double>getAs("lower"),
        row.<Double>getAs("upper"));
  }
}
