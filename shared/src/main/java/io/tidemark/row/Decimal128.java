package io.tidemark.row;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Signed 128-bit numbers as two halves, as decimals are held. */
public final class Decimal128 {

  /** Numbers with more bits are not looked at: taking them apart costs the square of their size. */
  private static final int MAX_BITS = 4096;

  private static final BigInteger LOW_HALF = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  private static final BigInteger[] BOUNDS = new BigInteger[ColumnType.MAX_PRECISION + 1];

  static {
    for (int precision = 0; precision < BOUNDS.length; precision++) {
      BOUNDS[precision] = BigInteger.TEN.pow(precision);
    }
  }

  private Decimal128() {}

  /** The number whose two's complement halves these are. */
  public static BigInteger unscaled(long high, long low) {
    if (high == low >> 63) {
      return BigInteger.valueOf(low);
    }
    return new BigInteger(ByteBuffer.allocate(16).putLong(high).putLong(low).array());
  }

  static long high(BigInteger unscaled) {
    return unscaled.shiftRight(64).longValue();
  }

  static long low(BigInteger unscaled) {
    return unscaled.and(LOW_HALF).longValue();
  }

  /** True iff the number has at most {@code precision} digits. */
  static boolean fits(long high, long low, int precision) {
    // 18 digits always fit in one half, and one half never holds more than 19.
    boolean small = high == low >> 63;
    return (small && precision > 18) || unscaled(high, low).abs().compareTo(BOUNDS[precision]) < 0;
  }

  /** The unscaled value of {@code value} in a decimal type, or null if that would round it. */
  static @Nullable BigInteger unscaled(BigDecimal value, ColumnType type) {
    BigInteger given = value.unscaledValue();
    if (given.signum() == 0) {
      return BigInteger.ZERO;
    }
    if (given.bitLength() > MAX_BITS) {
      return null;
    }
    // Bound the work before asking for the digits: 1e999999999 must not become a number in memory.
    long integerDigits = (long) value.precision() - value.scale();
    if (integerDigits > type.precision() - type.scale()) {
      return null;
    }
    if (value.scale() == type.scale()) {
      return given;
    }
    BigDecimal stripped = value.stripTrailingZeros();
    return stripped.scale() > type.scale() ? null : stripped.setScale(type.scale()).unscaledValue();
  }
}
