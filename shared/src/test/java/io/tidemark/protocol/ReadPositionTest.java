package io.tidemark.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.persist.consolidate.RowOffset;
import io.tidemark.progress.Antichain;
import org.junit.jupiter.api.Test;

class ReadPositionTest {

  private static final RowOffset OFFSET = new RowOffset(-2, 3);

  private static void assertText(String text, ReadPosition position) {
    assertEquals(text, position.text());
    assertEquals(position, ReadPosition.parse(text));
  }

  @Test
  void shouldBeTheSameAsText() {
    assertText("0", ReadPosition.since(0));
    assertText("17", ReadPosition.since(17));
    assertText("end", ReadPosition.since(Antichain.empty()));
    assertText("snapshot", ReadPosition.SNAPSHOT);
    assertText("snapshot-19", ReadPosition.snapshotAt(18));
    assertText("snapshot-end", ReadPosition.snapshotAt(Antichain.MAX_TIME));
    assertText("now", ReadPosition.NOW);
    assertText(
        "17-19@fffffffffffffffe.3", ReadPosition.since(17).step(Antichain.of(19), OFFSET, 0));
    assertText(
        "17-19@fffffffffffffffe.3.12", ReadPosition.since(17).step(Antichain.of(19), OFFSET, 12));
    assertText(
        "snapshot-end@fffffffffffffffe.3",
        ReadPosition.SNAPSHOT.step(Antichain.empty(), OFFSET, 0));
    assertText(
        "snapshot-end@fffffffffffffffe.3.1",
        ReadPosition.SNAPSHOT.step(Antichain.empty(), OFFSET, 1));
    assertTrue(ReadPosition.parse("end").atEnd());
    assertFalse(ReadPosition.parse("snapshot-end").atEnd());
  }

  @Test
  void shouldRefuseEveryOtherText() {
    for (String text :
        new String[] {
          "",
          "-1",
          "x",
          "17-",
          "17-19",
          "19-17@1.1",
          "17-17@1.1",
          "snapshot@1.1",
          "17-19@.1",
          "17-19@1",
          "99999999999999999999",
          "9999999999999999999",
          "17-19@11111111111111111.1",
          "now-3",
          "17 ",
          "17-19@1.9999999999"
        }) {
      RefusedException refused =
          assertThrows(RefusedException.class, () -> ReadPosition.parse(text), text);
      assertEquals(FailureCode.INVALID_ROW, refused.code());
    }
  }
}
