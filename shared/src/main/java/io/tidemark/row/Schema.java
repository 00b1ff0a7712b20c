package io.tidemark.row;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/** The columns of a collection, in order. Immutable. */
public final class Schema {

  /** The most columns that a collection may have. */
  public static final int MAX_COLUMNS = 512;

  /** The reserved columns: the time, multiplicity and error of an update. */
  public static final String TIME = "_time";

  public static final String DIFF = "_diff";
  public static final String ERROR = "_error";

  private final List<Column> columns;
  private final Map<String, Integer> indexes = new HashMap<>();

  /**
   * A schema of these columns.
   *
   * @throws InvalidRowException if there is none, too many, or two share a name (case ignored,
   *     since SQL engines that read the parts ignore it)
   */
  public Schema(List<Column> columns) {
    this(columns, MAX_COLUMNS);
  }

  private Schema(List<Column> columns, int maxColumns) {
    this.columns = List.copyOf(columns);
    if (this.columns.isEmpty() || this.columns.size() > maxColumns) {
      throw new InvalidRowException(
          "a collection has 1 to " + maxColumns + " columns, not " + this.columns.size());
    }
    Map<String, Boolean> folded = new HashMap<>();
    for (int i = 0; i < this.columns.size(); i++) {
      String name = this.columns.get(i).name();
      indexes.put(name, i);
      if (folded.put(name.toLowerCase(Locale.ROOT), true) != null) {
        throw new InvalidRowException("two columns are named '" + name + "'");
      }
    }
  }

  public static Schema of(Column... columns) {
    return new Schema(List.of(columns));
  }

  /**
   * These columns and, last, one of longs: for who keeps updates of different times apart as if
   * their time were part of the row.
   */
  public Schema withTimeColumn() {
    String name = "time";
    while (taken(name)) {
      name = name + "0";
    }
    List<Column> more = new ArrayList<>(columns);
    more.add(Column.required(name, ColumnType.INT64));
    return new Schema(more, MAX_COLUMNS + 1);
  }

  /**
   * These columns, altered. What is as it is asked for already stays, so that asking twice is as
   * good as once.
   *
   * @param added columns that come last; they have to be nullable
   * @param nullable the names of columns that a row may leave out from now on
   * @throws InvalidRowException if a column is there and is another one, is not there, or there are
   *     too many
   */
  public Schema altered(List<Column> added, List<String> nullable) {
    List<Column> altered = new ArrayList<>(columns);
    for (String name : nullable) {
      int index =
          indexOf(name)
              .orElseThrow(
                  () ->
                      new InvalidRowException(
                          "there is no column '" + name + "' to make nullable: there are " + this));
      altered.set(index, Column.nullable(name, columns.get(index).type()));
    }
    for (Column column : added) {
      OptionalInt there = indexOf(column.name());
      if (there.isEmpty()) {
        altered.add(column);
      } else if (!altered.get(there.getAsInt()).equals(column)) {
        throw new InvalidRowException(
            "column '" + column.name() + "' is there already, and is another one: " + this);
      }
    }
    Schema newer = new Schema(altered);
    String violation = Evolution.violation(this, newer);
    if (violation != null) {
      throw new InvalidRowException(violation);
    }
    return newer;
  }

  /**
   * Whether every row of {@code older} is one of this schema, too: this one has evolved from it.
   */
  public boolean extendsFrom(Schema older) {
    return Evolution.violation(older, this) == null;
  }

  private boolean taken(String name) {
    return columns.stream().anyMatch(column -> column.name().equalsIgnoreCase(name));
  }

  public List<Column> columns() {
    return columns;
  }

  public int size() {
    return columns.size();
  }

  public Column column(int index) {
    return columns.get(index);
  }

  /** The index of the column of this name, or empty. */
  public OptionalInt indexOf(String name) {
    Integer index = indexes.get(name);
    return index == null ? OptionalInt.empty() : OptionalInt.of(index);
  }

  /**
   * What a row of a block takes in memory, besides the bytes of its string, json and bytes values.
   */
  long rowBytes() {
    long bytes = 2 * Long.BYTES; // time and diff
    for (Column column : columns) {
      bytes +=
          switch (column.type().kind().storage()) {
            case BOOLEAN -> 1;
            case INT, BYTES -> 4;
            case LONG, DOUBLE -> 8;
            case DECIMAL -> 16;
          };
    }
    return bytes;
  }

  @Override
  public boolean equals(Object o) {
    return o == this || (o instanceof Schema other && columns.equals(other.columns));
  }

  @Override
  public int hashCode() {
    return columns.hashCode();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("(");
    for (Column column : columns) {
      text.append(text.length() > 1 ? ", " : "").append(column.name()).append(' ');
      text.append(column.type()).append(column.nullable() ? "" : " not null");
    }
    return text.append(')').toString();
  }
}
