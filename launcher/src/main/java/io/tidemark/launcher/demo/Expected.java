package io.tidemark.launcher.demo;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the collections must hold in the end: computed from the flights themselves, past the changes
 * and all that came after them. A row is the list of its values; with it, how often it is there.
 */
final class Expected {

  private Expected() {}

  static Map<List<Object>, Long> flights(List<Flight> flights) {
    Map<List<Object>, Long> rows = new HashMap<>();
    for (Flight flight : flights) {
      if (!flight.isCancelled()) {
        rows.put(
            row(
                flight.number(),
                flight.scheduled(),
                flight.origin(),
                flight.destination(),
                flight.distanceMiles(),
                flight.delayMinutes()),
            1L);
      }
    }
    return rows;
  }

  static Map<List<Object>, Long> airports(List<Flight> flights) {
    Map<String, long[]> totals = new TreeMap<>();
    for (Flight flight : flights) {
      if (!flight.isCancelled()) {
        long[] total = totals.computeIfAbsent(flight.origin(), origin -> new long[2]);
        total[0]++;
        total[1] += flight.delayMinutes();
      }
    }
    Map<List<Object>, Long> rows = new HashMap<>();
    totals.forEach((airport, total) -> rows.put(row(airport, total[0], total[1]), 1L));
    return rows;
  }

  static List<Object> row(Object... values) {
    return Collections.unmodifiableList(Arrays.asList(values));
  }
}
