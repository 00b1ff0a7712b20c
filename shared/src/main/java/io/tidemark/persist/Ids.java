package io.tidemark.persist;

import java.util.regex.Pattern;

/** The text forms of ids: a letter for the kind, then 32 hexadecimal digits. */
final class Ids {

  private static final Pattern DIGITS = Pattern.compile("[0-9a-f]{32}");

  private Ids() {}

  static void check(String text, char kind) {
    if (text.length() != 33
        || text.charAt(0) != kind
        || !DIGITS.matcher(text).region(1, 33).matches()) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is no id of kind '"
              + kind
              + "': it takes 32 hexadecimal digits after it");
    }
  }
}
