package io.tidemark.row;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** A growing array of bytes; numbers are written little-endian. */
final class ByteSink {

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** A sign and 19 digits. */
  private static final int MAX_LONG_DIGITS = 20;

  private byte[] data;
  private int length;

  ByteSink(int capacity) {
    data = new byte[capacity];
  }

  int length() {
    return length;
  }

  /** Forgets what was written, and keeps the room. */
  void clear() {
    length = 0;
  }

  /** The array, with room for {@code count} bytes at {@link #length}; then {@link #advance}. */
  byte[] room(int count) {
    reserve(count);
    return data;
  }

  /** Takes what was put in the room, up to {@code end}, as written. */
  void advance(int end) {
    length = end;
  }

  /** Takes back what was written from {@code from} on, and returns it. */
  byte[] cut(int from) {
    byte[] tail = Arrays.copyOfRange(data, from, length);
    length = from;
    return tail;
  }

  /** Takes back the last byte if it is this one. */
  void dropTrailing(char last) {
    if (length > 0 && data[length - 1] == last) {
      length--;
    }
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

  /** Writes a text that is all ASCII, without a byte array in between. */
  @SuppressWarnings("deprecation") // getBytes(int, int, byte[], int) is exact for ASCII, and fast
  void putAscii(String text) {
    int count = text.length();
    reserve(count);
    text.getBytes(0, count, data, length);
    length += count;
  }

  /** Writes a number in decimal digits. */
  void putDecimal(long value) {
    reserve(MAX_LONG_DIGITS);
    length = NumberOutput.outputLong(value, data, length);
  }

  private void reserve(int count) {
    int needed = Math.addExact(length, count);
    if (needed > data.length) {
      int doubled = (int) Math.min(2L * data.length, Integer.MAX_VALUE - 8);
      data = Arrays.copyOf(data, Math.max(needed, doubled));
    }
  }
}
