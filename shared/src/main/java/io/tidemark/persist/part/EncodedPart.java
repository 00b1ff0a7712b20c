package io.tidemark.persist.part;

/**
 * A finished part.
 *
 * @param file the Parquet file, not to be written any more
 * @param crc32c the CRC-32C of the whole file, which {@link PartReader#open} asks for
 * @param updates how many updates it holds, at least 1
 * @param minTime the least time of an update
 * @param maxTime the greatest time of an update
 * @param diffSum the sum of all diffs, modulo 2^64
 */
@SuppressWarnings("ArrayRecordComponent") // parts are carried, never compared
public record EncodedPart(
    byte[] file, int crc32c, long updates, long minTime, long maxTime, long diffSum) {}
