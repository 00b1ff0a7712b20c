package io.tidemark.persist.consolidate;

/**
 * A 64-bit hash of a row's key. The high half places the row in the table, the low bits choose the
 * partition that it spills to.
 */
interface RowHash {

  /**
   * The hash of the words {@code data[from .. to)}; {@code to - from} is a multiple of 8. Hashes of
   * different levels are independent, so that a partition which does not fit can be split again.
   */
  long hash(byte[] data, int from, int to, int level);

  /** Multiplies two words to 128 bits and folds the halves, sixteen bytes at a time. */
  final class Multiplied implements RowHash {

    // Odd, with as many ones as zeros and no pattern: digits of pi, e, and the square roots of 2,
    // 3.
    private static final long K0 = 0x243F6A8885A308D3L;
    private static final long K1 = 0xB7E151628AED2A6BL;
    private static final long K2 = 0x6A09E667F3BCC909L;
    private static final long K3 = 0xBB67AE8584CAA73BL;

    @Override
    public long hash(byte[] data, int from, int to, int level) {
      long hash = K0 + (level + 1) * K2 + (to - from);
      int at = from;
      for (; at + 16 <= to; at += 16) {
        // Both factors depend on what came before: no word alone can wipe it out.
        hash =
            folded(
                Words.longAt(data, at) ^ hash,
                Words.longAt(data, at + 8) ^ K1 ^ Long.rotateLeft(hash, 32));
      }
      if (at < to) {
        hash = folded(Words.longAt(data, at) ^ hash, K2 ^ Long.rotateLeft(hash, 32));
      }
      return folded(hash ^ K3, K1);
    }

    private static long folded(long a, long b) {
      return (a * b) ^ Math.multiplyHigh(a, b);
    }
  }
}
