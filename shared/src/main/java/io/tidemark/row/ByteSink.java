package io.tidemark.row;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** A growing array of bytes, written little-endian. */
final class ByteSink {

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] data;
  private int length;

  ByteSink(int capacity) {
    data = new byte[capacity];
  }

  int length() {
    return length;
  }

  byte[] toArray() {
    return Arrays.copyOf(data, length);
  }

  /** Everything written, in an array that may be longer. Not to be written. */
  byte[] data() {
    return data;
  }

  int crc32c() {
    CRC32C crc = new CRC32C();
    crc.update(data, 0, length);
    return (int) crc.getValue();
  }

  void putByte(int value) {
    reserve(1);
    data[length++] = (byte) value;
  }

  void putInt(int value) {
    reserve(4);
    INT.set(data, length, value);
    length += 4;
  }

  void putLong(long value) {
    reserve(8);
    LONG.set(data, length, value);
    length += 8;
  }

  void putVarint(int value) {
    int rest = value;
    while ((rest & ~0x7f) != 0) {
      putByte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    putByte(rest);
  }

  void putBytes(byte[] source, int from, int count) {
    reserve(count);
    System.arraycopy(source, from, data, length, count);
    length += count;
  }

  private void reserve(int count) {
    int needed = Math.addExact(length, count);
    if (needed > data.length) {
      int doubled = (int) Math.min(2L * data.length, Integer.MAX_VALUE - 8);
      data = Arrays.copyOf(data, Math.max(needed, doubled));
    }
  }
}
