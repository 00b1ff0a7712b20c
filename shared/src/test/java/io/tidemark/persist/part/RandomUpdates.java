package io.tidemark.persist.part;

import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Decimal128;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.tidemark.row.Vector;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Schemas and updates drawn from a seed, extreme values among them; and what a block says, to be
 * compared.
 */
final class RandomUpdates {

  private static final ColumnType[] SIMPLE = {
    ColumnType.BOOL,
    ColumnType.INT32,
    ColumnType.INT64,
    ColumnType.FLOAT64,
    ColumnType.STRING,
    ColumnType.BYTES,
    ColumnType.DATE,
    ColumnType.TIMESTAMP,
    ColumnType.JSON
  };

  private static final double[] DOUBLES = {
    0.0, -0.0, 1.5, Double.NaN, Double.MIN_VALUE, -Double.MAX_VALUE, Double.NEGATIVE_INFINITY,
  };

  private static final String[] TEXTS = {
    "", "a", "a\0", "ünï", "😀", "\uffff", "a".repeat(64), "a".repeat(63) + "ü", "😀".repeat(17),
  };

  private final SplittableRandom random;

  /** Whether dates and timestamps stay where other engines' do, which is short of all integers. */
  private final boolean engineRange;

  RandomUpdates(long seed, boolean engineRange) {
    this.random = new SplittableRandom(seed);
    this.engineRange = engineRange;
  }

  /** One update: its values as text, or its error. */
  record Update(List<String> values, String error, long time, long diff) {}

  /** What {@code block} holds. */
  static List<Update> list(UpdateBlock block) {
    List<Update> updates = new ArrayList<>();
    for (int i = 0; i < block.size(); i++) {
      List<String> values = new ArrayList<>();
      for (int c = 0; c < block.schema().size(); c++) {
        values.add(text(block.schema().column(c).type(), block.column(c), i));
      }
      String error =
          block.isError(i) ? new String(block.errors().get(i), StandardCharsets.UTF_8) : null;
      updates.add(new Update(values, error, block.times().get(i), block.diffs().get(i)));
    }
    return updates;
  }

  private static String text(ColumnType type, Vector vector, int i) {
    if (vector.isNull(i)) {
      return null;
    }
    return switch (type.kind()) {
      case BOOL -> String.valueOf(((Vector.Booleans) vector).get(i));
      case INT32, DATE -> String.valueOf(((Vector.Ints) vector).get(i));
      case INT64, TIMESTAMP -> String.valueOf(((Vector.Longs) vector).get(i));
      case FLOAT64 -> bits(((Vector.Doubles) vector).get(i));
      case DECIMAL -> {
        Vector.Decimals values = (Vector.Decimals) vector;
        BigInteger unscaled = Decimal128.unscaled(values.high(i), values.low(i));
        yield new BigDecimal(unscaled, type.scale()).toPlainString();
      }
      case STRING, JSON -> new String(((Vector.Bytes) vector).get(i), StandardCharsets.UTF_8);
      case BYTES -> HexFormat.of().formatHex(((Vector.Bytes) vector).get(i));
    };
  }

  /** A double so that 0.0 and -0.0 differ and all NaN are one. */
  static String bits(double value) {
    return Long.toHexString(Double.doubleToLongBits(value));
  }

  /** One to eight columns. */
  Schema schema() {
    List<Column> columns = new ArrayList<>();
    int count = 1 + random.nextInt(8);
    for (int c = 0; c < count; c++) {
      int precision = 1 + random.nextInt(ColumnType.MAX_PRECISION);
      ColumnType type =
          random.nextInt(5) == 0
              ? ColumnType.decimal(precision, random.nextInt(precision + 1))
              : SIMPLE[random.nextInt(SIMPLE.length)];
      columns.add(new Column("c" + c, type, random.nextBoolean()));
    }
    return new Schema(columns);
  }

  /** Up to {@code most} updates, of many times or of one, with errors or without. */
  UpdateBlock block(Schema schema, int most) {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    int size = 1 + random.nextInt(most);
    int times = random.nextInt(3) == 0 ? 1 : 1 + random.nextInt(40);
    int errors = random.nextInt(3) == 0 ? 1 + random.nextInt(20) : 0;
    int nulls = random.nextInt(4);
    for (int i = 0; i < size; i++) {
      long time = random.nextInt(50) == 0 ? Long.MAX_VALUE - 1 : random.nextInt(times) * 1000L;
      long diff = random.nextInt(4) == 0 ? -1 : random.nextInt(30) == 0 ? random.nextLong() | 1 : 1;
      if (errors > 0 && random.nextInt(errors) == 0) {
        builder.error(random.nextBoolean() ? "" : text(), time, diff);
        continue;
      }
      for (int c = 0; c < schema.size(); c++) {
        if (!schema.column(c).nullable() || nulls == 0 || random.nextInt(nulls + 1) != 0) {
          set(builder, c, schema.column(c).type());
        }
      }
      builder.row(time, diff);
    }
    return builder.build();
  }

  private void set(UpdateBlockBuilder builder, int c, ColumnType type) {
    boolean extreme = random.nextInt(5) == 0;
    switch (type.kind()) {
      case BOOL -> builder.bool(c, random.nextBoolean());
      case INT32 ->
          builder.int32(
              c, extreme ? random.nextBoolean() ? Integer.MIN_VALUE : Integer.MAX_VALUE : small());
      case INT64 ->
          builder.int64(
              c, extreme ? random.nextBoolean() ? Long.MIN_VALUE : Long.MAX_VALUE : small());
      case FLOAT64 ->
          builder.float64(
              c,
              extreme
                  ? DOUBLES[random.nextInt(DOUBLES.length)]
                  : random.nextInt(2000) / 10.0 - 100);
      case DECIMAL -> builder.decimal(c, decimal(type));
      case STRING -> builder.string(c, text());
      case JSON -> builder.json(c, "{\"b\": [1, null, " + small() + "], \"a\": {}}");
      case BYTES -> {
        byte[] value = new byte[random.nextInt(10) == 0 ? 70 : random.nextInt(6)];
        for (int i = 0; i < value.length; i++) {
          value[i] = (byte) (extreme ? 0xff : random.nextInt(256));
        }
        builder.bytes(c, value);
      }
      case DATE -> {
        int days = engineRange || !extreme ? small() * 100 : random.nextInt();
        builder.date(c, LocalDate.ofEpochDay(days));
      }
      case TIMESTAMP -> {
        long micros = engineRange || !extreme ? small() * 86_399_999_999L : random.nextLong();
        builder.timestampMicros(c, micros);
      }
      default -> throw new IllegalStateException("no value of " + type);
    }
  }

  private int small() {
    return random.nextInt(2000) - 1000;
  }

  private BigDecimal decimal(ColumnType type) {
    BigInteger bound = BigInteger.TEN.pow(type.precision()).subtract(BigInteger.ONE);
    byte[] bits = new byte[17];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = (byte) random.nextInt(256);
    }
    BigInteger unscaled =
        switch (random.nextInt(6)) {
          case 0 -> bound;
          case 1 -> bound.negate();
          case 2 -> BigInteger.ZERO;
          case 3 -> BigInteger.valueOf(small()).remainder(bound.add(BigInteger.ONE));
          default -> new BigInteger(bits).remainder(bound.add(BigInteger.ONE));
        };
    return new BigDecimal(unscaled, type.scale());
  }

  private String text() {
    return random.nextInt(4) == 0
        ? TEXTS[random.nextInt(TEXTS.length)]
        : "text-" + random.nextInt(100_000);
  }
}
