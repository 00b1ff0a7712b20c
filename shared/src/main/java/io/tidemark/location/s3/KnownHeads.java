package io.tidemark.location.s3;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The greatest version of each key that is known to have been committed at some time, for those
 * that were used last. For several threads.
 */
final class KnownHeads {

  /** How many keys are remembered: forgetting one costs a request. */
  static final int MAX_KEYS = 10_000;

  /** What is known of a key that nothing is known of. */
  static final long NONE = -1;

  private final Map<String, Long> heads =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MAX_KEYS;
        }
      };

  synchronized long of(String key) {
    return heads.getOrDefault(key, NONE);
  }

  synchronized void committed(String key, long seqno) {
    var unused = heads.merge(key, seqno, Math::max);
  }

  synchronized int size() {
    return heads.size();
  }
}
