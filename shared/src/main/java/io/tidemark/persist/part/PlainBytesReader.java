package io.tidemark.persist.part;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.column.values.ValuesReader;

/**
 * Plain byte arrays, each after its length: int32, little-endian. parquet-java's own reader makes
 * two objects for each value, which took a fifth of a snapshot's time.
 */
final class PlainBytesReader extends ValuesReader {

  private ByteBuffer page = ByteBuffer.allocate(0);

  @Override
  public void initFromPage(int count, ByteBufferInputStream in) throws IOException {
    page = in.slice(in.available()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The length of the next value; its bytes are read next. Nothing is believed of it but that. */
  int nextLength() {
    int length = page.getInt();
    if (length < 0 || length > page.remaining()) {
      throw new CorruptPartException(
          "a value claims " + length + " bytes, " + page.remaining() + " are left in its page");
    }
    return length;
  }

  void nextBytes(byte[] target, int at, int length) {
    ByteBuffer unused = page.get(target, at, length);
  }

  @Override
  public void skip() {
    int length = nextLength();
    ByteBuffer unused = page.position(page.position() + length);
  }
}
