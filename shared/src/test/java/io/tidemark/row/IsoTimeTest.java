package io.tidemark.row;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Dates and timestamps as text, against java.time. */
class IsoTimeTest {

  @Test
  void shouldReadBackEveryTimestampAndAgreeWithJavaTime() {
    Seeds.forEach(
        1000,
        seed -> {
          RandomRows rows = new RandomBlocks(seed).rows();
          for (long micros : new long[] {rows.integer(), rows.integer() * 1_000_000}) {
            String text = timestamp(micros);
            assertEquals(micros, read(text), text);
            assertEquals(Instant.parse(text), IsoTime.instant(micros));
            assertEquals(micros, IsoTime.micros(IsoTime.instant(micros)));
          }
        });
  }

  @Test
  void shouldReadBackEveryDateAndAgreeWithJavaTime() {
    Seeds.forEach(
        1000,
        seed -> {
          LocalDate date = new RandomBlocks(seed).rows().date();
          ByteSink out = new ByteSink(1);
          IsoTime.putDate(out, date.toEpochDay());
          String text = new String(out.toArray(), StandardCharsets.US_ASCII);
          assertEquals(date.toString(), text);
          assertEquals(date.toEpochDay(), readDate(text));
        });
  }

  @Test
  void shouldAgreeWithJavaTimeOnEveryDayOfTwoEras() {
    for (long day = LocalDate.of(-1, 1, 1).toEpochDay(); day < 300_000; day += 7) {
      String text = LocalDate.ofEpochDay(day).toString();
      assertEquals(day, readDate(text));
      assertEquals(text + "T00:00:00Z", timestamp(day * 86_400_000_000L));
    }
    for (int year = 1896; year <= 2004; year++) {
      for (int dayOfYear = 1; dayOfYear <= 365; dayOfYear++) {
        LocalDate date = LocalDate.ofYearDay(year, dayOfYear);
        assertEquals(date.toEpochDay(), readDate(date.toString()));
      }
    }
  }

  @Test
  void shouldWriteUtcAndAFractionOnlyIfThereIsOne() {
    assertEquals("1970-01-01T00:00:00Z", timestamp(0));
    assertEquals("1969-12-31T23:59:59.999999Z", timestamp(-1));
    assertEquals("2024-02-29T12:30:00.250000Z", timestamp(1_709_209_800_250_000L));
    assertEquals("+10000-01-01T00:00:00Z", timestamp(253_402_300_800_000_000L));
    assertEquals("-0001-12-31T00:00:00Z", timestamp(-62_167_305_600_000_000L));
  }

  private static long read(String text) {
    char[] chars = ("x" + text + "9").toCharArray();
    return IsoTime.timestamp(chars, 1, text.length());
  }

  private static long readDate(String text) {
    char[] chars = ("x" + text + "9").toCharArray();
    return IsoTime.date(chars, 1, text.length());
  }

  private static String timestamp(long micros) {
    ByteSink out = new ByteSink(1);
    IsoTime.putTimestamp(out, micros);
    return new String(out.toArray(), StandardCharsets.US_ASCII);
  }

  @Test
  void shouldReadEveryFormOfATimestamp() {
    for (String text :
        List.of(
            "2024-02-29T12:30:00Z",
            "2024-02-29t12:30:00z",
            "2024-02-29T12:30Z",
            "2024-02-29T14:30:00+02:00",
            "2024-02-29T07:00:00.000000-05:30",
            "2024-03-01T11:29:00+22:59",
            "2024-02-29T12:30:00.1+00:00",
            "2024-02-29T12:30:00.123456Z",
            "2024-02-29T12:30:00.123456000Z",
            "+12024-02-29T12:30:00Z",
            "-0400-02-29T12:30:00Z",
            "0000-01-01T00:00:00-00:00")) {
      boolean wideOffset = text.contains("+22:59");
      OffsetDateTime byJava =
          OffsetDateTime.parse(wideOffset ? "2024-02-29T12:30:00Z" : text.replace("-00:00", "Z"));
      assertEquals(byJava.toInstant(), IsoTime.instant(read(text)), text);
    }
    long halfPastTwelve = read("2024-02-29T12:30:00Z");
    assertEquals(halfPastTwelve, read("2024-02-29 12:30:00+00"));
    assertEquals(halfPastTwelve, read("2024-02-29T14:00:00,0+0130"));
  }

  @Test
  void shouldAskForTheOffset() {
    for (String text :
        List.of("2024-02-29T12:30:00", "2024-02-29T12:30", "2024-02-29 12:30:00.5")) {
      DateTimeException e = assertThrows(DateTimeException.class, () -> read(text), text);
      assertTrue(e.getMessage().contains("offset"), e.getMessage());
    }
  }

  @Test
  void shouldRefuseWhatIsNoTimestamp() {
    for (String text :
        List.of(
            "",
            "Z",
            "now",
            "1709209800",
            "2024-02-29",
            "2024-02-29Z",
            "2023-02-29T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-00-01T00:00:00Z",
            "2024-01-00T00:00:00Z",
            "2024-1-01T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:60:00Z",
            "2024-01-01T00:00:60Z",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00.1234567Z",
            "2024-01-01T00:00:00.0000000000Z",
            "2024-01-01T00:00:00+",
            "2024-01-01T00:00:00+1",
            "2024-01-01T00:00:00+24:00",
            "2024-01-01T00:00:00+01:60",
            "2024-01-01T00:00:00+01:",
            "2024-01-01T00:00:00Z ",
            " 2024-01-01T00:00:00Z",
            "12024-01-01T00:00:00Z",
            "2024-01-01T00:00:00[UTC]",
            "２０２４-01-01T00:00:00Z",
            "+300000-01-01T00:00:00Z",
            "-999999999-01-01T00:00:00Z",
            "+9999999999-01-01T00:00:00Z")) {
      assertThrows(DateTimeException.class, () -> read(text), text);
    }
  }

  @Test
  void shouldRefuseWhatIsNoDate() {
    for (String text :
        List.of(
            "",
            "2024",
            "2024-02",
            "2024-02-30",
            "2024-2-3",
            "20240203",
            "2024-02-03T",
            "24-02-03")) {
      assertThrows(DateTimeException.class, () -> readDate(text), text);
    }
  }
}
