package io.tidemark.location.s3;

/**
 * How long requests may take.
 *
 * @param connectMillis to connect, and again to agree on TLS
 * @param attemptMillis for one request and its answer; a write is sent once and has no more
 * @param readMillis for a read with all its attempts
 */
record S3Timing(long connectMillis, long attemptMillis, long readMillis) {

  /** 8 MiB take 20 s at 3.4 Mbit/s, and no server that works takes so long to answer. */
  static final S3Timing DEFAULT = new S3Timing(5_000, 20_000, 45_000);
}
