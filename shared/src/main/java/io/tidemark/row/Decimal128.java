package io.tidemark.row;

import java.math.BigInteger;
import java.nio.ByteBuffer;

/** Signed 128-bit numbers as two halves, as decimals are held. */
public final class Decimal128 {

  private Decimal128() {}

  /** The number whose two's complement halves these are. */
  public static BigInteger unscaled(long high, long low) {
    if (high == low >> 63) {
      return BigInteger.valueOf(low);
    }
    return new BigInteger(ByteBuffer.allocate(16).putLong(high).putLong(low).array());
  }
}
