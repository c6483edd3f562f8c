package io.recant.jobs.cli;

import io.recant.core.config.Nearest;
import io.recant.core.config.PipelineConfig;
import io.recant.core.error.ConfigException;
import io.recant.core.table.Table;
import io.recant.spark.grid.CellRecord;
import io.recant.spark.table.TableReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code recant show}: a table of a run, as text. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    description = "Prints a table of a run as text; without a table, the tables there are.")
final class ShowCommand implements Callable<Integer> {

  private static final String CELLS = "cells";

  @Mixin private RunOptions options;

  @Parameters(
      arity = "0..1",
      paramLabel = "TABLE",
      description = {
        "samples, findings, forget, scores, ...; or cells: what was trained, unlearned and scored,"
            + " how each ended, and why a cell failed."
      })
  private String table;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "20",
      description = "How many rows. Default: 20.")
  private int rows;

  @Option(
      names = "--where",
      paramLabel = "SQL",
      description = "Which rows, as in --where \"score > 0.9\".")
  private String where;

  @Option(
      names = "--order-by",
      paramLabel = "SQL",
      description = "In which order, as in --order-by \"p_bad desc\".")
  private String orderBy;

  @Option(
      names = "--columns",
      split = ",",
      paramLabel = "A,B",
      description = "Which columns. Default: all.")
  private List<String> columns;

  private final Extensions extensions;
  private final PrintStream out;

  ShowCommand(Extensions extensions, PrintStream out) {
    this.extensions = extensions;
    this.out = out;
  }

  @Override
  public Integer call() {
    PipelineConfig config = options.load(extensions, "quickstart.yaml");
    boolean cells = CELLS.equals(table);
    Optional<Table> chosen = Optional.ofNullable(cells ? null : table).map(ShowCommand::named);
    try (Session session = Session.open(config, options.master(), extensions, out)) {
      if (cells) {
        printCells(session);
      } else if (chosen.isEmpty()) {
        listTables(session);
      } else {
        print(session, chosen.get());
      }
    }
    return 0;
  }

  private void listTables(Session session) {
    TextTable text = new TextTable("table", "rows", "what one row is");
    for (Table each : Table.values()) {
      long count = session.run().rows(each);
      if (count > 0) {
        text.row(
            each.tableName(),
            String.format(java.util.Locale.ROOT, "%,d", count),
            each.schema().doc());
      }
    }
    text.print(out);
  }

  private void printCells(Session session) {
    TextTable text = new TextTable("step", "work", "cell", "state", "on", "seconds", "how it went");
    for (CellRecord record : CellRecord.of(session.run())) {
      text.row(
          record.step(),
          record.work(),
          record.cell(),
          record.error().isPresent() ? "failed" : "done",
          record.device().orElse(""),
          record.seconds().map(ShowCommand::shown).orElse(""),
          howItWent(record));
    }
    text.print(out);
  }

  private static String howItWent(CellRecord record) {
    return Stream.of(record.stopped().stream(), record.notes().stream(), record.error().stream())
        .flatMap(part -> part)
        .collect(Collectors.joining("; "));
  }

  private void print(Session session, Table chosen) {
    Dataset<Row> all = TableReader.read(session.spark(), session.run(), chosen);
    Dataset<Row> some = where == null ? all : all.where(where);
    some = orderBy == null ? some : some.selectExpr("*").orderBy(order());
    if (columns != null) {
      some = some.selectExpr(columns.toArray(String[]::new));
    }
    TextTable text = new TextTable(some.columns());
    for (Row row : some.takeAsList(rows)) {
      Object[] values = new Object[row.size()];
      Arrays.setAll(values, i -> row.get(i));
      text.row(Arrays.stream(values).map(ShowCommand::shown).toArray(String[]::new));
    }
    text.print(out);
  }

  private org.apache.spark.sql.Column[] order() {
    return Arrays.stream(orderBy.split(","))
        .map(String::strip)
        .map(
            term ->
                term.toLowerCase(java.util.Locale.ROOT).endsWith(" desc")
                    ? org.apache
                        .spark
                        .sql
                        .functions
                        .expr(term.substring(0, term.length() - 5))
                        .desc()
                    : org.apache.spark.sql.functions.expr(term).asc())
        .toArray(org.apache.spark.sql.Column[]::new);
  }

  static String shown(Object value) {
    if (value == null) {
      return "";
    }
    if (value instanceof byte[] bytes) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
    String text =
        value instanceof scala.collection.Iterable<?> many
            ? many.mkString("[", ", ", "]")
            : value.toString();
    return value instanceof Double number
        ? String.format(java.util.Locale.ROOT, "%.4f", number)
        : text;
  }

  private static Table named(String name) {
    List<String> names =
        Stream.concat(Arrays.stream(Table.values()).map(Table::tableName), Stream.of(CELLS))
            .toList();
    if (!names.contains(name)) {
      throw new ConfigException(
          "show: there is no table '" + name + "'" + Nearest.suggestion(name, names));
    }
    return Table.named(name);
  }
}
