package io.tidemark.launcher.demo;

import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlockBuilder;
import java.util.HashMap;
import java.util.Map;

/**
 * One row for each airport: how many flights have left it, and their delays added up. With every
 * flight the row before is retracted and the new one inserted.
 */
final class AirportsFeed implements Feed {

  static final String COLLECTION = "airports";

  static final Schema SCHEMA =
      Schema.of(
          Column.required("airport", ColumnType.STRING),
          Column.required("flights", ColumnType.INT64),
          Column.required("total_delay", ColumnType.INT64));

  private final Map<String, Totals> airports = new HashMap<>();

  private record Totals(long flights, long delayMinutes) {}

  @Override
  public String collection() {
    return COLLECTION;
  }

  @Override
  public Schema schema() {
    return SCHEMA;
  }

  @Override
  public void add(Change change, UpdateBlockBuilder into) {
    if (change.kind() != Change.Kind.FLOWN) {
      return;
    }
    String airport = change.flight().origin();
    Totals before = airports.get(airport);
    if (before == null) {
      before = new Totals(0, 0);
    } else {
      row(airport, before, -1, into);
    }
    Totals now =
        new Totals(before.flights() + 1, before.delayMinutes() + change.flight().delayMinutes());
    airports.put(airport, now);
    row(airport, now, 1, into);
  }

  private static void row(String airport, Totals totals, long diff, UpdateBlockBuilder into) {
    into.string(0, airport).int64(1, totals.flights()).int64(2, totals.delayMinutes()).row(0, diff);
  }
}
