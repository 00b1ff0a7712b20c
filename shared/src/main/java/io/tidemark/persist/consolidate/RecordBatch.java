package io.tidemark.persist.consolidate;

/** The records of one array that are unpacked together, column by column. */
final class RecordBatch {

  /** The most records of a batch: few enough that they stay in the processor's cache. */
  static final int MAX_RECORDS = 512;

  private final RowLayout layout;
  private final int[] starts = new int[MAX_RECORDS];
  private final int[] ends = new int[MAX_RECORDS];
  private byte[] data = {};
  private int count;

  RecordBatch(RowLayout layout) {
    this.layout = layout;
  }

  /** The bytes of working memory. */
  static long bytes() {
    return 8L * MAX_RECORDS;
  }

  /** Begins an empty batch of records in this array. */
  void reset(byte[] newData) {
    data = newData;
    count = 0;
  }

  void add(int start) {
    starts[count] = start;
    ends[count] = start + layout.variable();
    count++;
  }

  byte[] data() {
    return data;
  }

  int[] starts() {
    return starts;
  }

  /** Where the next variable value of each record is. Whoever reads it moves it on. */
  int[] ends() {
    return ends;
  }

  int count() {
    return count;
  }

  /** True iff some record has one of the null bits, or is an error. */
  boolean hasNulls() {
    int any = 0;
    for (int w = 0; w < layout.nullWords(); w++) {
      int offset = layout.nulls() + 4 * w;
      for (int i = 0; i < count; i++) {
        any |= Words.intAt(data, starts[i] + offset);
      }
    }
    return any != 0;
  }

  boolean isNull(int i, int bit) {
    return (Words.intAt(data, starts[i] + layout.nulls() + 4 * (bit >> 5)) & (1 << bit)) != 0;
  }

  boolean isError(int i) {
    return isNull(i, layout.errorBit());
  }

  /** The bytes of the key of record {@code i} after its fixed part. */
  int variableBytes(int i) {
    int keyLength = Words.intAt(data, starts[i] + RowLayout.KEY_LENGTH);
    return RowLayout.KEY + keyLength - layout.variable();
  }
}
