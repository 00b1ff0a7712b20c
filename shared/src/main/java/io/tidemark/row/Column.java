package io.tidemark.row;

import java.util.regex.Pattern;

/**
 * One column of a schema.
 *
 * @param name letters, digits and underscores, at most 63; a leading underscore is reserved
 * @param type what its values are
 * @param nullable whether a row may leave it out
 */
public record Column(String name, ColumnType type, boolean nullable) {

  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,62}");

  public Column {
    if (!NAME.matcher(name).matches()) {
      throw new InvalidRowException(
          "'"
              + name
              + "' cannot name a column: use a letter, then up to 62 letters, digits or"
              + " underscores (a leading underscore is reserved)");
    }
  }

  /** A column that every row must fill. */
  public static Column required(String name, ColumnType type) {
    return new Column(name, type, false);
  }

  /** A column that a row may leave out. */
  public static Column nullable(String name, ColumnType type) {
    return new Column(name, type, true);
  }
}
