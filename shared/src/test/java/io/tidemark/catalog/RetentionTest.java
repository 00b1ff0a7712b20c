package io.tidemark.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.persist.Cbor;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Mode;
import io.tidemark.protocol.RefusedException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetentionTest {

  @ParameterizedTest
  @CsvSource({
    "7d, 604800000, 7d",
    "12h, 43200000, 12h",
    "24h, 86400000, 1d",
    "90s, 90000, 90s",
    "60m, 3600000, 1h",
    "1500ms, 1500, 1500ms",
    "P7D, 604800000, 7d",
    "PT36H, 129600000, 36h",
    "p1dt1h, 90000000, 25h",
    "PT0.001S, 1, 1ms"
  })
  void shouldUnderstandSpansOfTime(String text, long millis, String shown) {
    Retention retention = Retention.parse(text, Mode.INGEST);

    assertEquals(new Retention(millis), retention);
    assertEquals(shown, retention.text(Mode.INGEST));
    assertEquals(retention, Retention.parse(shown, Mode.INGEST));
    assertEquals(millis, retention.json());
  }

  @Test
  void shouldUnderstandNumbersAndForever() throws IOException {
    for (Mode mode : Mode.values()) {
      assertEquals(new Retention(10), Retention.parse(10, mode));
      assertEquals(new Retention(1L << 40), Retention.parse(1L << 40, mode));
      assertEquals(Retention.FOREVER, Retention.parse("forever", mode));
      assertEquals("forever", Retention.FOREVER.text(mode));
    }
    assertEquals("forever", Retention.FOREVER.json());
    assertEquals(new Retention(17), Retention.parse("17", Mode.SOURCE));
    assertEquals("17", new Retention(17).text(Mode.SOURCE));
    for (Retention each : new Retention[] {new Retention(1), Retention.FOREVER}) {
      byte[] stored = Cbor.mapper().writeValueAsBytes(each);
      assertEquals(each, Cbor.mapper().readValue(stored, Retention.class));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "7",
        "604800000",
        "7 d",
        "7w",
        "7D",
        "-7d",
        "0d",
        "1.5d",
        "P1M",
        "P0D",
        "-P7D",
        "PT0.0001S",
        "P",
        "d",
        "Forever",
        "999999999999999999d",
        "9999999999999999999d"
      })
  void shouldRefuseWhatIsNoSpanOfTime(String text) {
    refused("7d, 12h, 90s or P7D", text, Mode.INGEST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "7d", "P7D", "0", "-1", "1.0", "9223372036854775808", "99999999999999999999"})
  void shouldRefuseWhatIsNoNumber(String text) {
    refused("in the unit of the source's times", text, Mode.SOURCE);
  }

  @Test
  void shouldRefuseOtherValues() {
    for (Mode mode : Mode.values()) {
      for (Object wrong : new Object[] {0, -1L, 1.5, true, new Object[0]}) {
        refused("or forever", wrong, mode);
      }
      refused("'null'", null, mode);
    }
  }

  private static void refused(String text, Object value, Mode mode) {
    RefusedException refused =
        assertThrows(RefusedException.class, () -> Retention.parse(value, mode));
    assertEquals(FailureCode.INVALID_ROW, refused.code());
    assertTrue(refused.getMessage().contains(text), refused.getMessage());
  }
}
