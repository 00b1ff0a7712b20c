package io.tidemark.location;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * A store of large objects. Linearizable: what was set is seen by every later get and list,
 * anywhere. Calls fail, and complete, as those of {@link Consensus} do.
 *
 * <p>A key is made of {@code [A-Za-z0-9._-]} and {@code /}, at most {@link #MAX_KEY_LENGTH}
 * characters; no segment is empty or begins with a dot. No key may be the folder of another: of
 * {@code a} and {@code a/b} a store may refuse, determinately, the one that comes second.
 */
public interface Blob {

  /** The longest key, in characters. */
  int MAX_KEY_LENGTH = 200;

  /** The most bytes that one object may take, since a get holds all of them in memory. */
  int MAX_VALUE_BYTES = 256 << 20;

  /** The object's bytes, or empty if there is none. */
  Future<Optional<byte[]>> get(String key);

  /**
   * Stores an object, or replaces it. When the future succeeds it is on stable storage; no reader
   * ever sees a part of it. {@code value} must not be written until then.
   */
  Future<Void> set(String key, byte[] value);

  /**
   * Removes an object. Returns how many bytes it had, or empty if there was none. Of several
   * deletes at one time at least one finds the object; a store whose server cannot tell lets more
   * do so.
   */
  Future<OptionalLong> delete(String key);

  /**
   * Passes every object whose key begins with {@code prefix} to {@code objects}, in no particular
   * order, before the future completes. If it fails, some may have been passed.
   *
   * @param prefix any beginning of a key, which may end within a segment; empty for all objects
   */
  Future<Void> list(String prefix, Consumer<Entry> objects);

  /**
   * Brings back a deleted object where the store can. Succeeds iff the object exists afterwards;
   * fails with a {@link DeterminateException} if it cannot be brought back.
   */
  Future<Void> restore(String key);

  /**
   * An object that a list found.
   *
   * @param key its key
   * @param bytes its size
   */
  record Entry(String key, long bytes) {}
}
