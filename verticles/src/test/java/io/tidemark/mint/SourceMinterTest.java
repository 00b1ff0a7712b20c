package io.tidemark.mint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.protocol.Messages.Frontiers;
import io.tidemark.protocol.Messages.Numbered;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SourceMinterTest {

  private final SourceMinter minter = minter(Antichain.of(10), 2);

  private static SourceMinter minter(Antichain upper, int partitions) {
    return new SourceMinter(MintSettings.DEFAULTS, upper, partitions);
  }

  private static void advance(SourceMinter minter, int partition, Antichain frontier) {
    minter.advanced(new Frontiers("ticks", 1, "w", Map.of(partition, frontier)));
  }

  private void advance(int partition, long frontier) {
    advance(minter, partition, Antichain.of(frontier));
  }

  private Numbered mint() {
    return minter.mint(0, 0);
  }

  private static BatchDescription range(long lower, long upper) {
    return new BatchDescription(Antichain.of(lower), Antichain.of(upper));
  }

  @Test
  void shouldMintUpToTheSlowestPartition() {
    advance(0, 30);
    assertNull(mint());
    advance(1, 20);
    assertEquals(new Numbered(1, range(10, 20)), mint(), "one for many times");
    assertNull(mint());
    advance(1, 40);
    assertEquals(new Numbered(2, range(20, 30)), mint());
  }

  @Test
  void shouldMintFromTheUpperWhereASourceStartsLater() {
    advance(0, 5_000);
    advance(1, 5_000);
    assertEquals(new Numbered(1, range(10, 5_000)), mint());
  }

  @Test
  void shouldMintNothingWhileSourcesCatchUpWithTheShard() {
    advance(0, 3);
    advance(1, 9);
    assertNull(mint());
    advance(0, 10);
    advance(1, 10);
    assertNull(mint());
  }

  @Test
  void shouldIgnoreWhatComesLateAndPartitionsThatDoNotExist() {
    advance(0, 30);
    advance(1, 30);
    assertNotNull(mint());
    advance(0, 12);
    advance(7, 1);
    advance(0, 31);
    advance(1, 31);
    assertEquals(new Numbered(2, range(30, 31)), mint());
  }

  @Test
  void shouldMintTheEndOnceAndNothingAfterIt() {
    advance(minter, 0, Antichain.empty());
    assertNull(mint());
    advance(minter, 1, Antichain.empty());
    assertEquals(
        new Numbered(1, new BatchDescription(Antichain.of(10), Antichain.empty())), mint());
    assertNull(mint());
    SourceMinter sealed = minter(Antichain.empty(), 1);
    advance(sealed, 0, Antichain.empty());
    assertNull(sealed.mint(0, 0));
  }

  @Test
  void shouldHaveOnlySoManyInFlightWhileNothingIsCommitted() {
    for (int time = 11; time < 100; time++) {
      advance(0, time);
      advance(1, time);
      Numbered unused = mint();
    }
    assertEquals(MintSettings.DEFAULTS.maxInFlight(), minter.open().size());
    minter.committed(1);
    assertEquals(99, mint().description().upper().time(), "the rest comes in one");
  }

  @Test
  void shouldTileTheTimesWhateverComes() {
    Seeds.forEach(200, SourceMinterTest::checkTiling);
  }

  private static void checkTiling(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Antichain upper = Antichain.of(random.nextInt(50));
    SourceMinter minter = minter(upper, 3);
    long number = 0;
    for (int i = 0; i < 200; i++) {
      boolean ends = random.nextInt(150) == 0;
      advance(
          minter,
          random.nextInt(4),
          ends ? Antichain.empty() : Antichain.of(random.nextInt(1 + 2 * i)));
      Numbered minted = minter.mint(0, 0);
      if (minted != null) {
        assertEquals(++number, minted.number());
        assertEquals(upper, minted.description().lower());
        assertTrue(upper.lessThan(minted.description().upper()));
        upper = minted.description().upper();
      }
      if (random.nextBoolean()) {
        minter.committed(number - random.nextInt(2));
      }
    }
  }
}
