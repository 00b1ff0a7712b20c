package io.tidemark.row;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The canonical text of JSON values. Two equal values have one text, so a retraction meets the row
 * that it retracts:
 *
 * <ul>
 *   <li>no white space; members ordered by name (as UTF-16, like {@link String#compareTo}), each
 *       name once; only those characters escaped that must be
 *   <li>numbers exact and without needless digits: 1.0 is {@code 1}, 1e2 is {@code 100}, -0 is
 *       {@code 0}; with an exponent only if they are whole and have more than 38 digits ({@code
 *       1E+40}) or are smaller than 0.000001 ({@code 1E-7})
 * </ul>
 */
public final class JsonText {

  /** The deepest nesting that a value may have. */
  public static final int MAX_DEPTH = 200;

  /** The most characters that a number may have in its canonical text. */
  public static final int MAX_NUMBER_CHARS = 1000;

  /** How many digits before the point a number may have, or zeros behind it: room for 1e9999. */
  public static final int MAX_EXPONENT = 10_000;

  /** Base64 of the largest value that a column may have. */
  private static final int MAX_STRING_CHARS = UpdateBlockBuilder.MAX_VALUE_BYTES / 3 * 4 + 8;

  /**
   * Reads rows and values. Its levels are one for the row, those that a value may have, and one
   * more so that it is not the parser that refuses the next, but we in our words.
   */
  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH + 2)
                  .maxStringLength(MAX_STRING_CHARS)
                  .maxNumberLength(MAX_NUMBER_CHARS)
                  .build())
          // Interned names would live as long as the process, and whoever sends rows chooses them.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .enable(StreamReadFeature.USE_FAST_BIG_NUMBER_PARSER)
          .build();

  private JsonText() {}

  /**
   * The canonical text of the one JSON value in {@code json}.
   *
   * @throws InvalidRowException if it is not exactly one JSON value, or breaks a limit
   */
  public static String canonical(String json) {
    CanonicalJson canonical = new CanonicalJson();
    byte[] utf8 = Utf8.encode(json);
    canonical.write(utf8, 0, utf8.length);
    return text(canonical.text());
  }

  /**
   * The canonical text of a value made of what a {@code JsonObject} may hold: maps, lists, texts,
   * numbers, booleans and null; instants, bytes and enums become the texts that Vert.x sends for
   * them.
   *
   * @throws InvalidRowException if it holds anything else, or breaks a limit
   */
  public static String canonicalOf(@Nullable Object value) {
    CanonicalJson canonical = new CanonicalJson();
    canonical.write(value);
    return text(canonical.text());
  }

  /**
   * A parser of UTF-8 text.
   *
   * @throws InvalidRowException if the text is in another encoding
   */
  static JsonParser parser(byte[] utf8, int from, int length) throws IOException {
    for (int i = from; i < from + Math.min(length, 4); i++) {
      // None of these is in UTF-8 that is JSON, and by one of them the parser would guess UTF-16.
      if (utf8[i] == 0 || utf8[i] == (byte) 0xfe || utf8[i] == (byte) 0xff) {
        throw new InvalidRowException("the text is not JSON: it is not UTF-8");
      }
    }
    return FACTORY.createParser(utf8, from, length);
  }

  private static String text(ByteSink utf8) {
    return new String(utf8.data(), 0, utf8.length(), StandardCharsets.UTF_8);
  }

  /** What to answer to text that the parser does not take. */
  static InvalidRowException notJson(IOException e) {
    String why = e.getMessage();
    if (e instanceof JsonProcessingException syntax) {
      why = syntax.getOriginalMessage();
      if (syntax.getLocation() != null) {
        why += " (line " + syntax.getLocation().getLineNr();
        why += ", column " + syntax.getLocation().getColumnNr() + ")";
      }
    }
    return new InvalidRowException("the text is not JSON: " + why, e);
  }
}
