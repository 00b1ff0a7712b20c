package io.tidemark.row;

import java.nio.charset.StandardCharsets;

/** JSON strings as UTF-8: quoted, with only those characters escaped that JSON does not allow. */
final class JsonStrings {

  /** Per ASCII character: 0 if it stands for itself, else what follows the backslash. */
  private static final byte[] ESCAPES = new byte[128];

  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  static {
    for (int c = 0; c < 0x20; c++) {
      ESCAPES[c] = 'u';
    }
    ESCAPES['"'] = '"';
    ESCAPES['\\'] = '\\';
    ESCAPES['\b'] = 'b';
    ESCAPES['\f'] = 'f';
    ESCAPES['\n'] = 'n';
    ESCAPES['\r'] = 'r';
    ESCAPES['\t'] = 't';
  }

  private JsonStrings() {}

  /** Writes well-formed UTF-8 as a JSON string. */
  static void put(ByteSink out, byte[] utf8, int from, int length) {
    out.putByte('"');
    int end = from + length;
    int plain = from;
    for (int i = from; i < end; i++) {
      byte c = utf8[i];
      if (c >= 0 && ESCAPES[c] != 0) {
        out.putBytes(utf8, plain, i - plain);
        putEscape(out, c);
        plain = i + 1;
      }
    }
    out.putBytes(utf8, plain, end - plain);
    out.putByte('"');
  }

  private static void putEscape(ByteSink out, byte c) {
    out.putByte('\\');
    out.putByte(ESCAPES[c]);
    if (ESCAPES[c] == 'u') {
      out.putByte('0');
      out.putByte('0');
      out.putByte(HEX[c >> 4]);
      out.putByte(HEX[c & 15]);
    }
  }

  /**
   * Writes a text as a JSON string.
   *
   * @throws InvalidRowException if the text has half of a surrogate pair
   */
  static void put(ByteSink out, String text) {
    byte[] utf8 = Utf8.encode(text);
    put(out, utf8, 0, utf8.length);
  }
}
