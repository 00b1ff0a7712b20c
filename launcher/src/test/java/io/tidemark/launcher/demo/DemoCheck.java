package io.tidemark.launcher.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;

/** Checks what a demo has left, past all of our own code that reads. */
public final class DemoCheck {

  private DemoCheck() {}

  /** DuckDB, told by the script of the demo, finds what the flights come to. */
  public static void assertDuckDbAgrees(Path folder) throws Exception {
    List<Flight> flights = Flight.sample();
    try (DuckDb duckDb = new DuckDb(folder.resolve("demo.sql"))) {
      assertEquals(Expected.flights(flights), duckDb.rows("SELECT * FROM flights"));
      assertEquals(Expected.airports(flights), duckDb.rows("SELECT * FROM airports"));
      List<List<Object>> busiest = duckDb.list(DuckDbScript.QUERY);
      assertEquals(5, busiest.size());
      for (List<Object> row : busiest) {
        List<Flight> flown =
            flights.stream()
                .filter(each -> each.origin().equals(row.get(0)) && !each.isCancelled())
                .toList();
        double mean = flown.stream().mapToInt(Flight::delayMinutes).average().orElseThrow();
        assertEquals((long) flown.size(), row.get(1));
        assertEquals(mean, ((Number) row.get(2)).doubleValue(), 0.051);
        assertEquals((long) flown.size(), row.get(3));
        assertEquals(flown.stream().mapToInt(Flight::delayMinutes).max().orElseThrow(), row.get(4));
      }
    }
  }
}
