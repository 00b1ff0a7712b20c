package io.tidemark.launcher.demo;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Something becomes known of a flight.
 *
 * @param at when, in the time of the sample
 */
record Change(Instant at, Kind kind, Flight flight) {

  /** How long before it is due a flight is in the timetable. */
  private static final Duration NOTICE = Duration.ofDays(1);

  /** What becomes known. */
  enum Kind {
    /** It is in the timetable; nobody knows its delay. */
    SCHEDULED,
    /** It has flown, and its delay is known. */
    FLOWN,
    /** It will not fly. */
    CANCELLED
  }

  /** All changes of these flights in order, the same every time. */
  static List<Change> of(List<Flight> flights) {
    List<Change> changes = new ArrayList<>(2 * flights.size());
    for (Flight flight : flights) {
      changes.add(new Change(flight.scheduled().minus(NOTICE), Kind.SCHEDULED, flight));
      if (flight.isCancelled()) {
        changes.add(new Change(flight.scheduled(), Kind.CANCELLED, flight));
      } else {
        Duration delay = Duration.ofMinutes(flight.delayMinutes());
        changes.add(new Change(flight.scheduled().plus(delay), Kind.FLOWN, flight));
      }
    }
    changes.sort(Comparator.comparing(Change::at).thenComparing(each -> each.flight().number()));
    return changes;
  }
}
