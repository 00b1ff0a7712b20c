package io.tidemark.launcher.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A flight of the sample.
 *
 * @param number its line in the sample, from 1
 * @param scheduled the local time of its schedule, as if it were UTC: the source has no zones
 * @param delayMinutes how late it was; negative if it was early
 * @param distanceMiles how far it went
 */
record Flight(
    int number,
    Instant scheduled,
    int delayMinutes,
    int distanceMiles,
    String origin,
    String destination) {

  /** Every so many flights one is taken for cancelled; the source has only those that flew. */
  private static final int CANCELLED_EVERY = 50;

  private static final String SAMPLE = "flights.csv.gz";

  boolean isCancelled() {
    return number % CANCELLED_EVERY == 0;
  }

  /** All flights of the sample, in the order of their schedule. Blocks. */
  static List<Flight> sample() {
    List<Flight> flights = new ArrayList<>();
    try (@Nullable InputStream in = Flight.class.getResourceAsStream(SAMPLE)) {
      if (in == null) {
        throw new IllegalStateException("the sample of flights is missing from the jar");
      }
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(new GZIPInputStream(in), StandardCharsets.US_ASCII));
      String header = lines.readLine();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        flights.add(parse(flights.size() + 1, line));
      }
      if (!"scheduled,delay,distance,origin,destination".equals(header)) {
        throw new IllegalStateException("the sample has other columns: " + header);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return flights;
  }

  private static Flight parse(int number, String line) {
    String[] fields = line.split(",", -1);
    return new Flight(
        number,
        Instant.parse(fields[0] + ":00Z"),
        Integer.parseInt(fields[1]),
        Integer.parseInt(fields[2]),
        fields[3],
        fields[4]);
  }
}
