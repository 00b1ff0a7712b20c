package io.tidemark.row;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** UTF-8 checked by hand, against the decoder of the JDK. */
class Utf8Test {

  @Test
  void shouldAgreeWithTheJdkOnSequencesOfThreeBytes() {
    byte[] bytes = new byte[3];
    for (int i = 0; i < 1 << 24; i += 61) {
      bytes[0] = (byte) (i >> 16);
      bytes[1] = (byte) (i >> 8);
      bytes[2] = (byte) i;
      assertEquals(isValidByTheJdk(bytes), Utf8.isValid(bytes, 0, 3), Integer.toHexString(i));
    }
  }

  @Test
  void shouldAgreeWithTheJdkOnTheEdgesOfFourBytes() {
    int[] edges = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xf0, 0xff};
    byte[] bytes = new byte[4];
    for (int lead = 0xec; lead <= 0xff; lead++) {
      bytes[0] = (byte) lead;
      for (int second : edges) {
        bytes[1] = (byte) second;
        for (int third : edges) {
          bytes[2] = (byte) third;
          for (int fourth : edges) {
            bytes[3] = (byte) fourth;
            assertEquals(isValidByTheJdk(bytes), Utf8.isValid(bytes, 0, 4));
          }
        }
      }
    }
  }

  @Test
  void shouldAcceptWhatItEncodes() {
    Seeds.forEach(
        300,
        seed -> {
          String text = new RandomBlocks(seed).rows().text();
          byte[] utf8 = Utf8.encode(text);
          assertArrayEquals(text.getBytes(StandardCharsets.UTF_8), utf8);
          assertEquals(isValidByTheJdk(utf8), Utf8.isValid(utf8, 0, utf8.length));
        });
  }

  @Test
  void shouldRefuseHalvesOfSurrogatePairs() {
    for (String text :
        List.of("\ud800", "a\udfff", "\ud800\ud800\udc00", "\udc00\ud800", "\udbffa")) {
      assertThrows(InvalidRowException.class, () -> Utf8.encode(text));
    }
    assertEquals(4, Utf8.encode("\ud800\udc00").length);
  }

  /** The JDK replaces what is malformed, so then the bytes do not come back. */
  private static boolean isValidByTheJdk(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    return Arrays.equals(bytes, text.getBytes(StandardCharsets.UTF_8));
  }
}
