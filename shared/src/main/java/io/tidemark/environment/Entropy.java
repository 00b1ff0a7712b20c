package io.tidemark.environment;

/** A source of randomness and of the ids made from it. */
public interface Entropy {

  /** 64 random bits. */
  long nextLong();

  /** A uniform number in {@code [0, 1)}. */
  default double nextUnit() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** 128 random bits as 32 lower-case hexadecimal digits: unique for all practical purposes. */
  default String nextId() {
    return hex(nextLong()) + hex(nextLong());
  }

  private static String hex(long bits) {
    String digits = Long.toHexString(bits);
    return "0".repeat(16 - digits.length()) + digits;
  }
}
