package io.tidemark.persist.part;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** zstd for parquet-java, which has its own only with Hadoop. One context each, as it does best. */
@SuppressWarnings("deprecation") // toByteArray does not copy where it need not
final class ZstdCodecs implements CompressionCodecFactory {

  private final ZstdCompressCtx compressor = new ZstdCompressCtx();
  private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();

  ZstdCodecs(int level) {
    compressor.setLevel(level);
  }

  @Override
  public BytesInputCompressor getCompressor(CompressionCodecName codec) {
    return new BytesInputCompressor() {
      @Override
      public BytesInput compress(BytesInput bytes) throws IOException {
        return BytesInput.from(compressor.compress(bytes.toByteArray()));
      }

      @Override
      public CompressionCodecName getCodecName() {
        return CompressionCodecName.ZSTD;
      }

      @Override
      public void release() {}
    };
  }

  @Override
  public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
    if (codec != CompressionCodecName.ZSTD) {
      throw new IllegalArgumentException("a part is compressed with zstd, not " + codec);
    }
    return new BytesInputDecompressor() {
      @Override
      public BytesInput decompress(BytesInput bytes, int plainBytes) throws IOException {
        return BytesInput.from(decompressor.decompress(bytes.toByteArray(), plainBytes));
      }

      @Override
      public void decompress(ByteBuffer in, int inBytes, ByteBuffer out, int outBytes) {
        byte[] stored = new byte[inBytes];
        in.get(stored);
        out.put(decompressor.decompress(stored, outBytes));
      }

      @Override
      public void release() {}
    };
  }

  @Override
  public void release() {}
}
