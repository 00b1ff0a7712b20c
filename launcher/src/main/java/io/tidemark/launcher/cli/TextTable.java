package io.tidemark.launcher.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows of text in columns that line up. Widths come from the first rows; longer cells stick out.
 */
public final class TextTable {

  /** How many rows the widths are taken from: so many are held in memory. */
  static final int SIZED_ROWS = 1000;

  private final List<String> header;
  private final int[] widths;

  /** A table whose columns are as wide as they must be for these rows. */
  TextTable(List<String> header, List<List<String>> rows) {
    this.header = header;
    this.widths = new int[header.size()];
    fit(header);
    rows.forEach(this::fit);
  }

  private void fit(List<String> row) {
    for (int c = 0; c < widths.length; c++) {
      String cell = row.get(c);
      widths[c] = Math.max(widths[c], cell.codePointCount(0, cell.length()));
    }
  }

  /** The names of the columns, and a line below them. */
  List<String> head() {
    List<String> rules = new ArrayList<>();
    for (int width : widths) {
      rules.add("-".repeat(width));
    }
    return List.of(line(header), line(rules));
  }

  /** A row. */
  String line(List<String> cells) {
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < widths.length; c++) {
      String cell = cells.get(c);
      line.append(c == 0 ? "" : "  ").append(cell);
      if (c + 1 < widths.length) {
        int missing = widths[c] - cell.codePointCount(0, cell.length());
        line.append(" ".repeat(Math.max(0, missing)));
      }
    }
    return line.toString();
  }

  /** All of a small table. */
  public static List<String> lines(List<String> header, List<List<String>> rows) {
    TextTable table = new TextTable(header, rows);
    List<String> lines = new ArrayList<>(table.head());
    rows.forEach(row -> lines.add(table.line(row)));
    return lines;
  }
}
