package io.tidemark.row;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What changes from one schema of a collection to the next: nullable columns are added at the end,
 * and columns that every row had to fill may be left out from now on. So every row of the older
 * schema is one of the newer schema, without a value in the columns that were added.
 *
 * <p>An evolution adds or widens something, so a collection has at most twice {@link
 * Schema#MAX_COLUMNS} of them.
 *
 * @param added the new columns, in order
 * @param nullable the names of columns that become nullable
 */
public record Evolution(List<Column> added, List<String> nullable) {

  public Evolution {
    added = added == null ? List.of() : List.copyOf(added);
    nullable = nullable == null ? List.of() : List.copyOf(nullable);
  }

  /**
   * What leads from a schema to a newer one.
   *
   * @throws InvalidRowException if no evolution does, or they are the same
   */
  public static Evolution between(Schema from, Schema to) {
    String violation = violation(from, to);
    if (violation != null) {
      throw new InvalidRowException(violation);
    }
    List<String> widened = new ArrayList<>();
    for (int c = 0; c < from.size(); c++) {
      if (!from.column(c).equals(to.column(c))) {
        widened.add(from.column(c).name());
      }
    }
    Evolution evolution = new Evolution(to.columns().subList(from.size(), to.size()), widened);
    if (evolution.added.isEmpty() && evolution.nullable.isEmpty()) {
      throw new InvalidRowException("nothing changes: the columns are " + from + " already");
    }
    return evolution;
  }

  /** Why no evolution leads from one schema to another; null if one does, or they are the same. */
  static @Nullable String violation(Schema from, Schema to) {
    for (int c = 0; c < from.size(); c++) {
      Column before = from.column(c);
      if (c >= to.size()) {
        return "column '" + before.name() + "' cannot be taken away";
      }
      String violation = violation(before, to.column(c));
      if (violation != null) {
        return violation;
      }
    }
    for (Column added : to.columns().subList(from.size(), to.size())) {
      if (!added.nullable()) {
        return "the new column '"
            + added.name()
            + "' has to be nullable: the rows that are there have no value for it";
      }
    }
    return null;
  }

  private static @Nullable String violation(Column before, Column after) {
    if (!before.name().equals(after.name())) {
      return "column '"
          + before.name()
          + "' cannot become '"
          + after.name()
          + "': columns keep their names and their order, and new ones come last";
    }
    if (!before.type().equals(after.type())) {
      return "column '"
          + before.name()
          + "' is "
          + before.type()
          + " and cannot become "
          + after.type()
          + ": add a column of that type instead";
    }
    return before.nullable() && !after.nullable()
        ? "column '" + before.name() + "' is nullable, and has to stay so: rows may lack it"
        : null;
  }

  /**
   * The newer schema.
   *
   * @throws InvalidRowException if this changes nothing of that schema, or cannot
   */
  public Schema applyTo(Schema from) {
    Schema to = from.altered(added, nullable);
    if (!between(from, to).equals(this)) {
      throw new InvalidRowException("the columns " + from + " are altered in part already");
    }
    return to;
  }
}
