package io.tidemark.persist.consolidate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the table and the partitions rely on: alike rows get unlike hashes, and so do levels. */
class RowHashTest {

  private static final int ROWS = 1 << 16;

  private final RowHash hash = new RowHash.Multiplied();

  /** Rows that differ in one small number, at any place of a key of any length. */
  private long hash(int words, int place, long value, int level) {
    byte[] data = new byte[8 * words];
    Words.putLong(data, 8 * place, value);
    return hash.hash(data, 0, data.length, level);
  }

  @Test
  void shouldSpreadAlikeRowsEvenly() {
    for (int words = 1; words <= 4; words++) {
      for (int place = 0; place < words; place++) {
        for (int step : new int[] {1, 1 << 20}) {
          assertEven(words, place, step);
        }
      }
    }
  }

  private void assertEven(int words, int place, long step) {
    int[] byHighBits = new int[64];
    int[] byLowBits = new int[32];
    Set<Integer> highHalves = new HashSet<>();
    for (int i = 0; i < ROWS; i++) {
      long h = hash(words, place, i * step, 0);
      byHighBits[(int) (h >>> 58)]++;
      byLowBits[(int) h & 31]++;
      highHalves.add((int) (h >>> 32));
    }
    for (int count : byHighBits) {
      assertEquals(ROWS / 64.0, count, ROWS / 64.0 * 0.2);
    }
    for (int count : byLowBits) {
      assertEquals(ROWS / 32.0, count, ROWS / 32.0 * 0.2);
    }
    assertTrue(ROWS - highHalves.size() < 10, "high halves that collide: " + highHalves.size());
  }

  @Test
  void shouldDivideAPartitionEvenlyOnTheNextLevel() {
    int[] counts = new int[32];
    int inPartition = 0;
    for (int i = 0; i < 20 * ROWS; i++) {
      if ((hash(3, 1, i, 1) & 31) == 7) {
        counts[(int) hash(3, 1, i, 2) & 31]++;
        inPartition++;
      }
    }
    for (int count : counts) {
      assertEquals(inPartition / 32.0, count, inPartition / 32.0 * 0.2);
    }
  }

  @Test
  void shouldDependOnEveryBitAndOnTheLength() {
    SplittableRandom random = new SplittableRandom(3);
    for (int words = 1; words < 8; words++) {
      byte[] data = new byte[8 * words];
      random.nextBytes(data);
      Set<Long> hashes = new HashSet<>(Set.of(hash.hash(data, 0, data.length, 0)));
      for (int bit = 0; bit < 64 * words; bit++) {
        data[bit >> 3] ^= (byte) (1 << (bit & 7));
        hashes.add(hash.hash(data, 0, data.length, 0));
        data[bit >> 3] ^= (byte) (1 << (bit & 7));
      }
      assertEquals(64 * words + 1, hashes.size());
    }
    byte[] zeros = new byte[64];
    Set<Long> hashes = new HashSet<>();
    for (int length = 0; length <= 64; length += 8) {
      hashes.add(hash.hash(zeros, 0, length, 0));
    }
    assertEquals(9, hashes.size());
  }
}
