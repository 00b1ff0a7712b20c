package io.tidemark.row;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Random schemas and blocks: every column type, nulls, errors carried as data, rows that repeat and
 * retract each other, extreme values, times and diffs. The same seed gives the same blocks.
 */
public final class RandomBlocks {

  private final SplittableRandom random;
  private final RandomRows rows;

  public RandomBlocks(long seed) {
    this.random = new SplittableRandom(seed);
    this.rows = new RandomRows(random);
  }

  /** The random values of this generator's rows, from the same stream of randomness. */
  public RandomRows rows() {
    return rows;
  }

  public SplittableRandom random() {
    return random;
  }

  /** A schema with a required and a nullable column of each type, decimals small and large. */
  public static Schema everyType() {
    List<Column> columns = new ArrayList<>();
    for (ColumnType type : everyColumnType()) {
      String name = type.toString().replaceAll("[^a-z0-9]+", "_");
      columns.add(Column.required(name + "_r", type));
      columns.add(Column.nullable(name + "_n", type));
    }
    return new Schema(columns);
  }

  private static List<ColumnType> everyColumnType() {
    List<ColumnType> types = new ArrayList<>();
    for (ColumnType.Kind kind : ColumnType.Kind.values()) {
      if (kind != ColumnType.Kind.DECIMAL) {
        types.add(new ColumnType(kind, 0, 0));
      }
    }
    types.add(ColumnType.decimal(9, 2));
    types.add(ColumnType.decimal(18, 0));
    types.add(ColumnType.decimal(18, 18));
    types.add(ColumnType.decimal(38, 10));
    return types;
  }

  /** A schema of 1 to 8 columns. */
  public Schema schema() {
    List<ColumnType> types = everyColumnType();
    List<Column> columns = new ArrayList<>();
    int count = random.nextInt(1, 9);
    for (int c = 0; c < count; c++) {
      ColumnType type = types.get(random.nextInt(types.size()));
      columns.add(new Column("c" + c, type, random.nextBoolean()));
    }
    return new Schema(columns);
  }

  /** A schema that has evolved from {@code from}, or is the same. */
  public Schema evolved(Schema from) {
    List<ColumnType> types = everyColumnType();
    List<Column> columns = new ArrayList<>();
    for (Column column : from.columns()) {
      boolean nullable = column.nullable() || random.nextInt(4) == 0;
      columns.add(new Column(column.name(), column.type(), nullable));
    }
    for (int more = random.nextInt(3); more > 0; more--) {
      ColumnType type = types.get(random.nextInt(types.size()));
      columns.add(Column.nullable("c" + columns.size(), type));
    }
    return new Schema(columns);
  }

  /** A block of {@code size} updates at any times. */
  public UpdateBlock block(Schema schema, int size) {
    return block(schema, size, 0, Long.MAX_VALUE);
  }

  /** A block of {@code size} updates at times in {@code [lower, upper)}, in no order. */
  public UpdateBlock block(Schema schema, int size, long lower, long upper) {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    boolean oneTime = random.nextInt(3) == 0;
    boolean oneDiff = random.nextInt(3) == 0;
    boolean withErrors = random.nextInt(3) == 0;
    long time = time(lower, upper);
    long rowSeed = random.nextLong();
    for (int i = 0; i < size; i++) {
      time = oneTime ? time : time(lower, upper);
      long diff = oneDiff ? 1 : diff();
      // Now and then the row before once more, so that rows repeat and retract each other.
      rowSeed = random.nextInt(5) == 0 ? rowSeed : random.nextLong();
      if (withErrors && random.nextInt(6) == 0) {
        builder.error(rows.text(), time, diff);
      } else {
        set(builder, new RandomRows(new SplittableRandom(rowSeed)));
        builder.row(time, diff);
      }
    }
    return builder.build();
  }

  private static void set(UpdateBlockBuilder builder, RandomRows row) {
    for (int c = 0; c < builder.schema().size(); c++) {
      row.set(builder, c);
    }
  }

  /** A block of 0 to 99 updates of a random schema at any times. */
  public UpdateBlock block() {
    return block(schema(), random.nextInt(100));
  }

  private long time(long lower, long upper) {
    return switch (random.nextInt(4)) {
      case 0 -> lower;
      case 1 -> upper - 1;
      case 2 -> random.nextLong(lower, upper);
      default -> lower + Math.min(random.nextInt(5), upper - lower - 1);
    };
  }

  private long diff() {
    return switch (random.nextInt(16)) {
      case 0 -> Long.MIN_VALUE;
      case 1 -> Long.MAX_VALUE;
      case 2, 3 -> random.nextInt(2, 1000);
      case 4, 5, 6, 7 -> -1;
      default -> 1;
    };
  }
}
