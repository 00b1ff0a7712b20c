package io.tidemark.location;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A small linearizable store: for each key, a list of versions with ascending sequence numbers.
 *
 * <p>Every call succeeds, or fails with a {@link DeterminateException} (it surely did not happen)
 * or an {@link IndeterminateException} (it may have happened, or may happen later). An argument out
 * of its range is thrown back at once as an {@link IllegalArgumentException}. Futures complete, and
 * consumers are called, on the caller's Vert.x context where there is one. A committed version is
 * on stable storage. After the store is closed every call fails determinately.
 *
 * <p>Keys are those of {@link Blob}: {@link Arguments#key} says which.
 */
public interface Consensus {

  /** The greatest sequence number. */
  long MAX_SEQNO = Long.MAX_VALUE - 1;

  /** The longest key, in characters. */
  int MAX_KEY_LENGTH = Blob.MAX_KEY_LENGTH;

  /** The most bytes that one version may take. */
  int MAX_VALUE_BYTES = 16 << 20;

  /** The newest version of {@code key}, or empty if the key has none. */
  Future<Optional<Version>> head(String key);

  /**
   * Appends {@code next} iff it follows the head: its sequence number is the head's plus one, or 0
   * if the key has never had a version. A number that truncation removed never becomes free again.
   *
   * @return true if it was appended, false if it does not follow the head
   */
  Future<Boolean> compareAndSet(String key, Version next);

  /**
   * The versions of {@code key} with a sequence number of at least {@code from}, ascending, at most
   * {@code limit} of them. Empty if there is none. All of them are held in memory at once: choose
   * {@code limit}, at least 1, by the size that the versions can have.
   */
  Future<List<Version>> scan(String key, long from, int limit);

  /**
   * Removes the versions of {@code key} below {@code seqno}. The head cannot be removed.
   *
   * @return how many were removed
   * @throws DeterminateException (in the future) if the key has no version, or {@code seqno} is
   *     past the head
   */
  Future<Long> truncate(String key, long seqno);

  /**
   * Passes every key that has a version to {@code keys}, in no particular order, before the future
   * completes. If it fails, some may have been passed.
   */
  Future<Void> listKeys(Consumer<String> keys);

  /**
   * One version of a key.
   *
   * @param seqno its sequence number, 0 to {@link #MAX_SEQNO}
   * @param data its bytes, not to be written any more
   */
  @SuppressWarnings("ArrayRecordComponent") // versions are carried, never compared
  record Version(long seqno, byte[] data) {

    public Version {
      if (seqno < 0 || seqno > MAX_SEQNO) {
        throw new IllegalArgumentException("sequence number " + seqno + " is out of range");
      }
      if (data.length > MAX_VALUE_BYTES) {
        throw new IllegalArgumentException(
            "a version of " + data.length + " bytes is past the limit of " + MAX_VALUE_BYTES);
      }
    }
  }
}
