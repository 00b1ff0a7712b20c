package io.tidemark.location.s3;

import java.util.regex.Pattern;

/**
 * How the objects of {@link S3Consensus} are named. Numbers are taken from {@link Long#MAX_VALUE}
 * and written with 16 hexadecimal digits: so the greatest comes first in a list, which S3 sorts by
 * name.
 *
 * @param folder what is before them all, with a slash at the end, or empty
 */
record ConsensusNames(String folder) {

  /** Stands for a slash; no key has it. */
  private static final char SLASH = '!';

  private static final int DIGITS = 16;
  private static final Pattern NAME = Pattern.compile("[fv]/[0-7][0-9a-f]{15}");
  private static final String VERSIONS = "v/";
  private static final String FLOORS = "f/";

  /** What all objects of a key begin with. */
  String of(String key) {
    return folder + key.replace('/', SLASH) + "/";
  }

  /** What the versions of a key begin with. */
  String versions(String key) {
    return of(key) + VERSIONS;
  }

  /** What the floors of a key begin with. */
  String floors(String key) {
    return of(key) + FLOORS;
  }

  String version(String key, long seqno) {
    return versions(key) + inverted(seqno);
  }

  String floor(String key, long seqno) {
    return floors(key) + inverted(seqno);
  }

  /** Where nobody looks: below no key. */
  String probe(String id) {
    return folder + "probe-" + id;
  }

  /** The key whose objects begin with {@code common}. */
  String key(String common) {
    return common.substring(folder.length(), common.length() - 1).replace(SLASH, '/');
  }

  boolean isFloor(String key, String name) {
    return name.startsWith(floors(key));
  }

  /** Whether this is the name of a version or floor of a key, and not what others put there. */
  boolean isOurs(String key, String name) {
    int folder = of(key).length();
    return name.startsWith(of(key)) && NAME.matcher(name.substring(folder)).matches();
  }

  /** The number at the end of a name. */
  static long seqno(String name) {
    return Long.MAX_VALUE - Long.parseLong(name.substring(name.length() - DIGITS), 16);
  }

  private static String inverted(long seqno) {
    String digits = Long.toHexString(Long.MAX_VALUE - seqno);
    return "0".repeat(DIGITS - digits.length()) + digits;
  }
}
