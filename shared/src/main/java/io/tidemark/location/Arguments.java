package io.tidemark.location;

/** What every store asks of the arguments of its calls, so that all refuse the same ones. */
public final class Arguments {

  private Arguments() {}

  /**
   * A key: 1 to {@link Blob#MAX_KEY_LENGTH} of {@code [A-Za-z0-9._-]} and {@code /}, of which no
   * segment is empty or begins with a dot (so no key can leave its folder, or name what a store
   * keeps for itself).
   *
   * @throws IllegalArgumentException if it is not one
   */
  public static void key(String key) {
    prefix(key);
    boolean segmentBegins = true;
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (segmentBegins && (c == '/' || c == '.')) {
        throw new IllegalArgumentException(
            "key '" + key + "' has a segment that is empty or begins with a dot");
      }
      segmentBegins = c == '/';
    }
    if (segmentBegins) {
      throw new IllegalArgumentException("key '" + key + "' is empty or ends with a slash");
    }
  }

  /**
   * The beginning of keys: at most {@link Blob#MAX_KEY_LENGTH} of the characters of keys.
   *
   * @throws IllegalArgumentException if it is not one
   */
  public static void prefix(String prefix) {
    if (prefix.length() > Blob.MAX_KEY_LENGTH) {
      throw new IllegalArgumentException(
          "a key of "
              + prefix.length()
              + " characters is past the limit of "
              + Blob.MAX_KEY_LENGTH);
    }
    for (int i = 0; i < prefix.length(); i++) {
      if (!allowed(prefix.charAt(i))) {
        throw new IllegalArgumentException(
            "key '" + prefix + "' may hold only letters and digits of ASCII, '.', '_', '-', '/'");
      }
    }
  }

  /**
   * The bytes of an object: at most {@link Blob#MAX_VALUE_BYTES}.
   *
   * @throws IllegalArgumentException if there are more
   */
  public static void object(byte[] value) {
    if (value.length > Blob.MAX_VALUE_BYTES) {
      throw new IllegalArgumentException(
          "an object of "
              + value.length
              + " bytes is past the limit of "
              + Blob.MAX_VALUE_BYTES
              + ": write it as several");
    }
  }

  /**
   * A sequence number that something is asked about: not negative.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public static void seqno(long seqno) {
    if (seqno < 0) {
      throw new IllegalArgumentException("sequence number " + seqno + " is negative");
    }
  }

  /**
   * How many versions a scan may return: at least 1.
   *
   * @throws IllegalArgumentException if it is less
   */
  public static void limit(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("a scan must ask for at least 1 version, not " + limit);
    }
  }

  private static boolean allowed(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '-'
        || c == '/';
  }
}
