package io.tidemark.persist.consolidate;

/**
 * Some records end to end in one array that stays in the processor's cache: what is packed from a
 * block or read from a spill file, on its way into the table.
 */
final class RowChunk {

  /**
   * The most records of a chunk: enough to amortize a pass per column, few enough for the cache.
   */
  static final int MAX_ROWS = 512;

  private final int[] starts = new int[MAX_ROWS + 1];
  private byte[] data;
  private int rows;

  RowChunk(int capacityBytes) {
    this.data = new byte[capacityBytes];
  }

  /** The bytes that a chunk of this capacity takes. */
  static long bytes(int capacityBytes) {
    return capacityBytes + 4L * (MAX_ROWS + 1);
  }

  byte[] data() {
    return data;
  }

  /** Where each record starts; {@code starts()[rows()]} is where the last one ends. */
  int[] starts() {
    return starts;
  }

  int rows() {
    return rows;
  }

  void rows(int newRows) {
    rows = newRows;
  }

  /** The bytes of records that the chunk can hold. */
  int capacityBytes() {
    return data.length;
  }

  /** Makes room for records of {@code capacityBytes}, and keeps the first {@code kept} bytes. */
  void grow(int capacityBytes, int kept) {
    byte[] grown = new byte[capacityBytes];
    System.arraycopy(data, 0, grown, 0, kept);
    data = grown;
  }
}
