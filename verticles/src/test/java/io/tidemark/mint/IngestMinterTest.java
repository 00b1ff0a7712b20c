package io.tidemark.mint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.protocol.Messages.Held;
import io.tidemark.protocol.Messages.Numbered;
import java.util.List;
import org.junit.jupiter.api.Test;

class IngestMinterTest {

  private static final long WALL = 1_700_000_000_000L;

  /** Lingers 5 ms; 1,000 bytes are bulk, then once in 50 ms; beats once in 10 s; 2 in flight. */
  private static final MintSettings SETTINGS =
      new MintSettings(2, 5, 1_000, 50, 10_000, 200, 2_000, 300, 3_000, 250, 5_000);

  private final IngestMinter minter =
      new IngestMinter(SETTINGS, Antichain.of(40), List.of("a", "b"), 0);

  private static Held held(String writer, long after, long bytes) {
    return new Held("orders", 1, writer, after, bytes);
  }

  private static Numbered numbered(long number, long lower, long upper, String... writers) {
    return new Numbered(
        number, new BatchDescription(Antichain.of(lower), Antichain.of(upper)), List.of(writers));
  }

  @Test
  void shouldMintWhenWhatIsHeldHasLingered() {
    assertNull(minter.mint(WALL, 100));
    minter.held(held("a", 0, 10), 100);
    assertEquals(5, minter.dueInMillis(100));
    assertNull(minter.mint(WALL, 104));
    minter.held(held("b", 0, 10), 104);
    assertEquals(numbered(1, 40, WALL, "a", "b"), minter.mint(WALL, 105), "the first one decides");
    assertNull(minter.mint(WALL + 1, 106), "nothing is held now");
  }

  @Test
  void shouldBeatWhenNothingIsHeld() {
    assertEquals(9_900, minter.dueInMillis(100));
    assertNull(minter.mint(WALL, 9_999));
    assertEquals(numbered(1, 40, WALL), minter.mint(WALL, 10_000));
    assertEquals(10_000, minter.dueInMillis(10_000));
  }

  @Test
  void shouldMintBulkLessOften() {
    minter.held(held("a", 0, 600), 20);
    minter.held(held("b", 0, 400), 21);
    assertEquals(29, minter.dueInMillis(21), "until 50 ms after the one before");
    assertNull(minter.mint(WALL, 49));
    assertNotNull(minter.mint(WALL, 50));
  }

  @Test
  void shouldGoOnByOneWhenTheClockHasGoneBack() {
    minter.held(held("a", 0, 1), 0);
    assertEquals(numbered(1, 40, 41, "a"), minter.mint(3, 10));
    minter.held(held("a", 1, 1), 10);
    assertEquals(numbered(2, 41, 42, "a"), minter.mint(4, 20));
  }

  @Test
  void shouldNotMintForWhatADescriptionHasCoveredAlready() {
    minter.held(held("a", 0, 1), 0);
    assertNotNull(minter.mint(WALL, 5));
    minter.held(held("a", 0, 1), 6);
    assertNull(minter.mint(WALL, 100), "that was held before the description");
    minter.held(held("a", 1, 1), 100);
    assertNotNull(minter.mint(WALL + 1, 105));
  }

  @Test
  void shouldAskForTheNextWhatAWriterHeldThatWasNotAsked() {
    minter.held(held("a", 0, 1), 0);
    assertEquals(numbered(1, 40, WALL, "a"), minter.mint(WALL, 5));
    minter.held(held("b", 0, 1), 6);
    assertEquals(numbered(2, WALL, WALL + 1, "b"), minter.mint(WALL + 1, 11));
    minter.held(held("b", 0, 1), 12);
    assertNull(minter.mint(WALL + 2, 100), "that is covered now");
  }

  @Test
  void shouldNotAskWhoIsNotOnTheRoster() {
    minter.held(held("stranger", 0, 1), 0);
    assertNull(minter.mint(WALL, 100));
  }

  @Test
  void shouldHaveOnlySoManyInFlightWhileNothingIsCommitted() {
    for (int i = 0; i < 10; i++) {
      minter.held(held("a", i, 1), i * 10L);
      Numbered unused = minter.mint(WALL + i, i * 10L + 5);
    }
    List<Numbered> open = List.of(numbered(1, 40, WALL, "a"), numbered(2, WALL, WALL + 1, "a"));
    assertEquals(open, minter.open());
    minter.committed(1);
    assertEquals(open.subList(1, 2), minter.open());
    minter.held(held("a", 2, 1), 200);
    assertEquals(numbered(3, WALL + 1, WALL + 99, "a"), minter.mint(WALL + 99, 205));
  }

  @Test
  void shouldRefuseSettingsBelowTheirFloors() {
    assertThrows(
        IllegalArgumentException.class, () -> new MintSettings(0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1));
    assertThrows(
        IllegalArgumentException.class, () -> new MintSettings(1, -1, 1, 0, 1, 1, 1, 1, 1, 1, 1));
    assertThrows(
        IllegalArgumentException.class, () -> new MintSettings(1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1));
    assertThrows(
        IllegalArgumentException.class, () -> new MintSettings(1, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1));
  }
}
