package io.tidemark.row;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.SplittableRandom;

/**
 * Random values of every column type: many small ones (so that rows repeat), and the extremes of
 * the type. The same seed gives the same values.
 */
public final class RandomRows {

  private static final String[] TEXTS = {
    "",
    " ",
    "a",
    "tide",
    "null",
    "0",
    "line\nbreak\r\n",
    "carriage\rreturn",
    "tab\tquote\"back\\slash/",
    "comma, semicolon; 'single'",
    "\u0000\u0001\u001f\u007f",
    "é ß ñ",
    "日本語",
    "\u2028\u2029\ufeff\uffff",
    "🌊 \ud800\udc00 \udbff\udfff",
    "x".repeat(300),
    "ü".repeat(70)
  };

  private static final String[] NUMBERS = {
    "0",
    "-0",
    "0.0",
    "-0.0",
    "1",
    "1.0",
    "-1",
    "100",
    "1e2",
    "1E+2",
    "0.1",
    "0.10",
    "1e-7",
    "123456789012345678901234567890",
    "1e37",
    "1e38",
    "1e400",
    "-1.5e-400",
    "9007199254740993"
  };

  private static final long[] LONGS = {
    0,
    1,
    -1,
    Integer.MIN_VALUE,
    Integer.MAX_VALUE,
    (1L << 53) - 1,
    1L << 53,
    -(1L << 53),
    (1L << 53) + 1,
    Long.MIN_VALUE,
    Long.MAX_VALUE
  };

  private static final double[] DOUBLES = {
    0,
    -0.0,
    1,
    -1.5,
    0.1,
    1e20,
    1.0E-3,
    2.0E-3,
    1e15,
    9007199254740992.0,
    0x1p-44,
    Double.MIN_VALUE,
    Double.MIN_NORMAL,
    Double.MAX_VALUE,
    -Double.MAX_VALUE,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.NaN
  };

  private final SplittableRandom random;

  public RandomRows(SplittableRandom random) {
    this.random = random;
  }

  /** Sets column {@code c} to a random value; leaves it null one time in eight if it may be. */
  public void set(UpdateBlockBuilder builder, int c) {
    Column column = builder.schema().column(c);
    if (column.nullable() && random.nextInt(8) == 0) {
      return;
    }
    switch (column.type().kind()) {
      case BOOL -> builder.bool(c, random.nextBoolean());
      case INT32 -> builder.int32(c, (int) integer());
      case INT64 -> builder.int64(c, integer());
      case FLOAT64 -> builder.float64(c, real());
      case DECIMAL -> builder.decimal(c, decimal(column.type()));
      case STRING -> builder.string(c, text());
      case BYTES -> builder.bytes(c, bytes());
      case DATE -> builder.date(c, date());
      case TIMESTAMP -> builder.timestampMicros(c, micros());
      case JSON -> builder.json(c, jsonButNull());
    }
  }

  /** A number around 0, of any size, or on an edge. */
  public long integer() {
    return switch (random.nextInt(4)) {
      case 0 -> LONGS[random.nextInt(LONGS.length)];
      case 1 -> random.nextLong();
      default -> random.nextInt(-20, 20);
    };
  }

  /** A float of any bits, a plain one, or on an edge. */
  public double real() {
    return switch (random.nextInt(4)) {
      case 0 -> DOUBLES[random.nextInt(DOUBLES.length)];
      case 1 -> Double.longBitsToDouble(random.nextLong());
      case 2 -> random.nextInt(-1000, 1000) / 100.0;
      default -> random.nextDouble();
    };
  }

  /** A decimal that the type holds exactly, up to its largest. */
  public BigDecimal decimal(ColumnType type) {
    BigInteger bound = BigInteger.TEN.pow(type.precision());
    BigInteger unscaled =
        switch (random.nextInt(4)) {
          case 0 -> bound.subtract(BigInteger.ONE);
          case 1 -> BigInteger.ZERO;
          case 2 -> new BigInteger(1, randomBytes(17)).mod(bound);
          default -> BigInteger.valueOf(random.nextInt(1000)).mod(bound);
        };
    return new BigDecimal(random.nextBoolean() ? unscaled.negate() : unscaled, type.scale());
  }

  /** A text: a word, an awkward one, or any code points. */
  public String text() {
    if (random.nextInt(4) > 0) {
      return TEXTS[random.nextInt(TEXTS.length)];
    }
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      int any = random.nextInt(0x110000);
      text.appendCodePoint(any >= 0xd800 && any < 0xe000 ? 'x' : any);
    }
    return text.toString();
  }

  /** Bytes, at most 40. */
  public byte[] bytes() {
    return randomBytes(random.nextInt(41));
  }

  private String jsonButNull() {
    String json = json(random.nextInt(4));
    return json.equals("null") ? "{}" : json;
  }

  /** JSON text nested up to {@code depth} deep, often not canonical. */
  public String json(int depth) {
    return switch (random.nextInt(depth > 0 ? 8 : 5)) {
      case 0 -> random.nextBoolean() ? "true" : "false";
      case 1 -> "null";
      case 2 -> NUMBERS[random.nextInt(NUMBERS.length)];
      case 3 -> jsonString(text());
      case 4 -> jsonString(Base64.getEncoder().encodeToString(bytes()));
      case 5 -> array(depth);
      default -> object(depth);
    };
  }

  private String array(int depth) {
    StringBuilder json = new StringBuilder("[");
    for (int i = random.nextInt(4); i > 0; i--) {
      json.append(json(depth - 1)).append(i > 1 ? " ,\n" : "");
    }
    return json.append(']').toString();
  }

  private String object(int depth) {
    StringBuilder json = new StringBuilder("{ ");
    int members = random.nextInt(5);
    for (int i = 0; i < members; i++) {
      // The last letter keeps the names apart, and the first out of order.
      String name = (char) ('a' + random.nextInt(26)) + text() + (char) ('a' + i);
      json.append(i > 0 ? ", " : "").append(jsonString(name)).append(" : ").append(json(depth - 1));
    }
    return json.append('}').toString();
  }

  /** A JSON string: some characters plain, some escaped, whether they need it or not. */
  private String jsonString(String text) {
    StringBuilder json = new StringBuilder("\"");
    boolean escapeAll = random.nextInt(4) == 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (escapeAll || c < 0x20 || c == '"' || c == '\\') {
        json.append("\\u").append(HexFormat.of().toHexDigits(c));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }

  /** A date near 1970, or as far off as the type goes. */
  public LocalDate date() {
    int days = (int) integer();
    return LocalDate.ofEpochDay(days);
  }

  private long micros() {
    long micros = integer();
    return random.nextBoolean() ? micros : Math.floorDiv(micros, 1_000_000) * 1_000_000;
  }

  private byte[] randomBytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
