package io.tidemark.row;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
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

  /**
   * @throws InvalidRowException if the text has half of a surrogate pair
   */
  static byte[] encode(String text) {
    try {
      ByteBuffer bytes =
          StandardCharsets.UTF_8
              .newEncoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .encode(CharBuffer.wrap(text));
      byte[] out = new byte[bytes.remaining()];
      ByteBuffer ignored = bytes.get(out);
      return out;
    } catch (CharacterCodingException e) {
      throw new InvalidRowException("a text is not valid Unicode (a lone surrogate)", e);
    }
  }

  /** True iff the bytes are well-formed UTF-8. */
  static boolean isValid(byte[] data, int from, int length) {
    int i = from;
    int end = from + length;
    while (i < end && data[i] >= 0) {
      i++;
    }
    if (i == end) {
      return true;
    }
    try {
      CharBuffer ignored =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(data, i, end - i));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
