package io.tidemark.persist.part;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * Pages in zstd, with contexts that all parts share: making one costs more than a small part. They
 * are lent for one page, so as many exist as threads work at once, and at most {@link #MAX_IDLE} of
 * each kind are kept. Thread-safe.
 */
final class ZstdPages implements BytesInputCompressor {

  static final ZstdPages COMPRESSOR = new ZstdPages();

  /** Level 3 takes half as long again for a few percent. */
  private static final int LEVEL = 1;

  /** More threads than this seldom encode at once; a context takes up to 1 MB outside the heap. */
  private static final int MAX_IDLE = 16;

  private static final ArrayBlockingQueue<ZstdCompressCtx> COMPRESSORS =
      new ArrayBlockingQueue<>(MAX_IDLE);
  private static final ArrayBlockingQueue<ZstdDecompressCtx> DECOMPRESSORS =
      new ArrayBlockingQueue<>(MAX_IDLE);

  private ZstdPages() {}

  @Override
  public CompressionCodecName getCodecName() {
    return CompressionCodecName.ZSTD;
  }

  @Override
  public BytesInput compress(BytesInput page) {
    ByteBuffer plain = page.toByteBuffer(HeapByteBufferAllocator.getInstance(), buffer -> {});
    byte[] frame = new byte[Math.toIntExact(Zstd.compressBound(plain.remaining()))];
    ZstdCompressCtx idle = COMPRESSORS.poll();
    ZstdCompressCtx context =
        idle == null ? new ZstdCompressCtx().setLevel(LEVEL).setContentSize(true) : idle;
    boolean usable = false;
    try {
      int size =
          context.compressByteArray(
              frame,
              0,
              frame.length,
              plain.array(),
              plain.arrayOffset() + plain.position(),
              plain.remaining());
      usable = true;
      return BytesInput.from(frame, 0, size);
    } finally {
      if (!usable || !COMPRESSORS.offer(context)) {
        context.close();
      }
    }
  }

  @Override
  public void release() {}

  /**
   * Opens the frame in {@code length} bytes of {@code source} to the start of {@code target}.
   *
   * @throws CorruptPartException if they are not one frame of {@code plainLength} bytes
   */
  static void decompress(byte[] source, int from, int length, byte[] target, int plainLength) {
    ZstdDecompressCtx idle = DECOMPRESSORS.poll();
    ZstdDecompressCtx context = idle == null ? new ZstdDecompressCtx() : idle;
    boolean usable = false;
    try {
      int size = context.decompressByteArray(target, 0, plainLength, source, from, length);
      usable = true;
      if (size != plainLength) {
        throw new CorruptPartException(
            "a page decompresses to " + size + " bytes, its header says " + plainLength);
      }
    } catch (ZstdException e) {
      throw new CorruptPartException("a page does not decompress: " + e.getMessage(), e);
    } finally {
      if (!usable || !DECOMPRESSORS.offer(context)) {
        context.close();
      }
    }
  }
}
