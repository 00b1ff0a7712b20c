package org.apache.parquet;

import java.util.Map;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.format.converter.ParquetMetadataConverter;

/**
 * Read options without the builder, which loads Hadoop's classes. The constructor is
 * package-private.
 */
public final class NoHadoopReadOptions {

  private static final int MAX_ALLOCATION_BYTES = 8 << 20;

  private NoHadoopReadOptions() {}

  /** Plain options that decompress with {@code codecs} and check the checksums of pages. */
  public static ParquetReadOptions of(CompressionCodecFactory codecs) {
    return new ParquetReadOptions(
        false,
        true,
        true,
        false,
        false,
        true,
        false,
        false,
        false,
        FilterCompat.NOOP,
        ParquetMetadataConverter.NO_FILTER,
        codecs,
        HeapByteBufferAllocator.getInstance(),
        MAX_ALLOCATION_BYTES,
        Map.of(),
        null,
        null,
        new PlainParquetConfiguration());
  }
}
