package io.tidemark.row;

import java.nio.charset.StandardCharsets;

/** Text to UTF-8 and back, where what is malformed is refused and not replaced. */
final class Utf8 {

  private Utf8() {}

  static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  static boolean isAscii(char[] chars, int from, int length) {
    for (int i = from; i < from + length; i++) {
      if (chars[i] >= 0x80) {
        return false;
      }
    }
    return true;
  }

  /**
   * The text as UTF-8.
   *
   * @throws InvalidRowException if the text has half of a surrogate pair
   */
  static byte[] encode(String text) {
    int length = text.length();
    for (int i = 0; i < length; i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (i + 1 == length || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
          throw new InvalidRowException("a text is not valid Unicode (a lone surrogate)");
        }
        i++;
      }
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** True iff the bytes are well-formed UTF-8. */
  static boolean isValid(byte[] data, int from, int length) {
    int end = from + length;
    for (int i = from; i < end; ) {
      int size = data[i] >= 0 ? 1 : sequenceBytes(data, i, end);
      if (size == 0) {
        return false;
      }
      i += size;
    }
    return true;
  }

  /** The length of the multi-byte sequence that begins at {@code i}; 0 if it is malformed. */
  private static int sequenceBytes(byte[] data, int i, int end) {
    int lead = data[i] & 0xff;
    int size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (size == 0 || size > end - i) {
      return 0;
    }
    for (int k = 1; k < size; k++) {
      if ((data[i + k] & 0xc0) != 0x80) {
        return 0;
      }
    }
    // The second byte shows what is overlong (e0, f0), a surrogate (ed) or past U+10FFFF (f4).
    int second = data[i + 1] & 0xff;
    boolean wrong =
        (lead == 0xe0 && second < 0xa0)
            || (lead == 0xed && second >= 0xa0)
            || (lead == 0xf0 && second < 0x90)
            || (lead == 0xf4 && second >= 0x90);
    return wrong ? 0 : size;
  }
}
