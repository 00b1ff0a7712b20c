package io.tidemark.persist;

import io.tidemark.location.Arguments;

/**
 * Where the whole state as of one version lies.
 *
 * @param seqno the version
 * @param key the object's key in the blob store
 * @param bytes its size
 * @param crc32c its checksum
 */
record Rollup(long seqno, String key, int bytes, int crc32c) {

  Rollup {
    Arguments.key(key);
  }
}
