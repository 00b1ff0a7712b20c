package io.tidemark.launcher.demo;

import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlockBuilder;
import org.jspecify.annotations.Nullable;

/**
 * One row for each flight: with no delay while it is only scheduled, corrected when it has flown,
 * retracted when it is cancelled.
 */
final class FlightsFeed implements Feed {

  static final String COLLECTION = "flights";

  static final Schema SCHEMA =
      Schema.of(
          Column.required("flight", ColumnType.INT32),
          Column.required("scheduled", ColumnType.TIMESTAMP),
          Column.required("origin", ColumnType.STRING),
          Column.required("destination", ColumnType.STRING),
          Column.required("distance", ColumnType.INT32),
          Column.nullable("delay", ColumnType.INT32));

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
    Flight flight = change.flight();
    switch (change.kind()) {
      case SCHEDULED -> row(flight, null, 1, into);
      case FLOWN -> {
        row(flight, null, -1, into);
        row(flight, flight.delayMinutes(), 1, into);
      }
      case CANCELLED -> row(flight, null, -1, into);
    }
  }

  private static void row(
      Flight flight, @Nullable Integer delay, long diff, UpdateBlockBuilder into) {
    UpdateBlockBuilder row =
        into.int32(0, flight.number())
            .timestamp(1, flight.scheduled())
            .string(2, flight.origin())
            .string(3, flight.destination())
            .int32(4, flight.distanceMiles());
    (delay == null ? row : row.int32(5, delay)).row(0, diff);
  }
}
