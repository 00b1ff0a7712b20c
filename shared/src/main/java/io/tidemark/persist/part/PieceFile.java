package io.tidemark.persist.part;

import java.io.ByteArrayOutputStream;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/** A file that parquet-java writes, and of which what is written is taken away again and again. */
final class PieceFile extends PositionOutputStream implements OutputFile {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long taken;

  /** What was written since it was taken last. */
  byte[] take() {
    byte[] piece = bytes.toByteArray();
    bytes.reset();
    taken += piece.length;
    return piece;
  }

  @Override
  public long getPos() {
    return taken + bytes.size();
  }

  @Override
  public void write(int b) {
    bytes.write(b);
  }

  @Override
  public void write(byte[] source, int from, int count) {
    bytes.write(source, from, count);
  }

  @Override
  public PositionOutputStream create(long blockSizeHint) {
    return this;
  }

  @Override
  public PositionOutputStream createOrOverwrite(long blockSizeHint) {
    return this;
  }

  @Override
  public boolean supportsBlockSize() {
    return false;
  }

  @Override
  public long defaultBlockSize() {
    return 0;
  }
}
