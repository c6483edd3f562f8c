package io.recant.jobs.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Rows of text in columns, numbers to the right. */
final class TextTable {

  private static final int WIDEST = 70;

  private final List<String[]> rows = new ArrayList<>();
  private final int columns;

  TextTable(String... header) {
    this.columns = header.length;
    rows.add(header);
  }

  TextTable row(String... cells) {
    if (cells.length != columns) {
      throw new IllegalArgumentException(cells.length + " cells for " + columns + " columns");
    }
    String[] cut = new String[columns];
    for (int i = 0; i < columns; i++) {
      String cell = TerminalText.line(cells[i]);
      cut[i] = cell.length() > WIDEST ? cell.substring(0, WIDEST - 3) + "..." : cell;
    }
    rows.add(cut);
    return this;
  }

  void print(PrintStream out) {
    int[] widths = new int[columns];
    boolean[] numeric = new boolean[columns];
    for (int c = 0; c < columns; c++) {
      numeric[c] = rows.size() > 1;
      for (int r = 0; r < rows.size(); r++) {
        String cell = rows.get(r)[c];
        widths[c] = Math.max(widths[c], cell.length());
        numeric[c] &= r == 0 || cell.isEmpty() || cell.matches("[-+]?[0-9].*");
      }
    }
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder(" ");
      for (int c = 0; c < columns; c++) {
        String pad = " ".repeat(widths[c] - row[c].length());
        line.append(' ').append(numeric[c] ? pad + row[c] : row[c] + pad).append(' ');
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
