package io.tidemark.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.io.NumberOutput;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON values in their canonical text, straight from the parser or from Java values, without
 * a tree in between. Used for one value after the other; not thread-safe.
 */
final class CanonicalJson {

  /** Whole numbers of more digits are written with an exponent if they end in zeros. */
  private static final int MAX_PLAIN_DIGITS = ColumnType.MAX_PRECISION;

  /** Numbers with more bits have more than {@link JsonText#MAX_NUMBER_CHARS} digits. */
  private static final int MAX_NUMBER_BITS = 4 * JsonText.MAX_NUMBER_CHARS;

  private final ByteSink out = new ByteSink(256);

  private static final byte[] NULL = {'n', 'u', 'l', 'l'};

  /** A member of an object that has been written at {@code [start, end)}, with a comma behind. */
  private record Member(String name, int start, int end) {}

  /** The text of the value that was written last. It is written over by the next. */
  ByteSink text() {
    return out;
  }

  /** True iff the value that was written last is null: no value of a json column. */
  boolean isNull() {
    return Arrays.equals(NULL, 0, NULL.length, out.data(), 0, out.length());
  }

  /**
   * Writes the value at which the parser stands, and leaves it on the last token of it.
   *
   * @throws InvalidRowException if it breaks a limit or has a name twice
   */
  void write(JsonParser in) throws IOException {
    out.clear();
    value(in, 0);
  }

  /**
   * Writes the one value that is the text.
   *
   * @throws InvalidRowException if it is not exactly one, breaks a limit or has a name twice
   */
  void write(byte[] utf8, int from, int length) {
    try (JsonParser in = JsonText.parser(utf8, from, length)) {
      if (in.nextToken() == null) {
        throw new InvalidRowException("the text is not JSON: it is empty");
      }
      write(in);
      if (in.nextToken() != null) {
        throw new InvalidRowException("the text is not JSON: more follows after its value");
      }
    } catch (IOException e) {
      throw JsonText.notJson(e);
    }
  }

  /**
   * Writes a value made of what a {@code JsonObject} may hold.
   *
   * @throws InvalidRowException if it breaks a limit or holds anything else
   */
  void write(@Nullable Object value) {
    out.clear();
    value(value, 0);
  }

  private void value(JsonParser in, int depth) throws IOException {
    switch (in.currentToken()) {
      case START_OBJECT -> object(in, depth);
      case START_ARRAY -> array(in, depth);
      case VALUE_STRING -> JsonStrings.put(out, in.getText());
      case VALUE_NUMBER_INT -> {
        if (in.getNumberType() == NumberType.BIG_INTEGER) {
          number(decimal(in));
        } else {
          out.putDecimal(in.getLongValue());
        }
      }
      case VALUE_NUMBER_FLOAT -> number(decimal(in));
      default -> out.putAscii(in.getText()); // true, false and null
    }
    checkLength();
  }

  /** The number at which the parser stands, exactly. */
  static BigDecimal decimal(JsonParser in) throws IOException {
    try {
      return in.getDecimalValue();
    } catch (NumberFormatException e) {
      throw new InvalidRowException("a number has too large an exponent", e);
    }
  }

  private void array(JsonParser in, int depth) throws IOException {
    checkDepth(depth);
    out.putByte('[');
    while (!in.nextToken().isStructEnd()) {
      value(in, depth + 1);
      out.putByte(',');
    }
    close(']');
  }

  private void object(JsonParser in, int depth) throws IOException {
    checkDepth(depth);
    out.putByte('{');
    List<Member> members = new ArrayList<>();
    for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
      int start = out.length();
      JsonStrings.put(out, name);
      out.putByte(':');
      if (in.nextToken() != null) {
        value(in, depth + 1);
      }
      out.putByte(',');
      members.add(new Member(name, start, out.length()));
    }
    order(members);
    close('}');
  }

  private void value(@Nullable Object value, int depth) {
    if (value instanceof JsonObject object) {
      object(object.getMap(), depth);
    } else if (value instanceof Map<?, ?> map) {
      object(map, depth);
    } else if (value instanceof JsonArray array) {
      array(array.getList(), depth);
    } else if (value instanceof List<?> list) {
      array(list, depth);
    } else if (value == null || value instanceof Boolean) {
      out.putAscii(String.valueOf(value));
    } else if (value instanceof Number number) {
      number(number);
    } else {
      JsonStrings.put(out, text(value));
    }
    checkLength();
  }

  private void array(List<?> list, int depth) {
    checkDepth(depth);
    out.putByte('[');
    for (Object element : list) {
      value(element, depth + 1);
      out.putByte(',');
    }
    close(']');
  }

  private void object(Map<?, ?> map, int depth) {
    checkDepth(depth);
    out.putByte('{');
    List<Member> members = new ArrayList<>(map.size());
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      int start = out.length();
      String name = String.valueOf(entry.getKey());
      JsonStrings.put(out, name);
      out.putByte(':');
      value(entry.getValue(), depth + 1);
      out.putByte(',');
      members.add(new Member(name, start, out.length()));
    }
    order(members);
    close('}');
  }

  /** The text that Vert.x sends for a value that is no number, boolean, map or list. */
  private static String text(Object value) {
    if (value instanceof CharSequence text) {
      return text.toString();
    } else if (value instanceof Enum<?> constant) {
      return constant.name();
    } else if (value instanceof Instant instant) {
      return DateTimeFormatter.ISO_INSTANT.format(instant);
    } else if (value instanceof byte[] bytes) {
      return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    } else if (value instanceof Buffer bytes) {
      return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.getBytes());
    }
    throw new InvalidRowException("a " + value.getClass().getName() + " is no JSON value");
  }

  private void number(Number number) {
    if (number instanceof Long
        || number instanceof Integer
        || number instanceof Short
        || number instanceof Byte) {
      out.putDecimal(number.longValue());
    } else {
      number(decimal(number));
    }
  }

  /**
   * A number exactly; of a binary fraction the shortest decimal one that reads as the same.
   *
   * @throws InvalidRowException if it is not finite, or of a type that JSON does not have
   */
  static BigDecimal decimal(Number number) {
    if (number instanceof BigDecimal decimal) {
      return decimal;
    } else if (number instanceof BigInteger whole) {
      return new BigDecimal(whole);
    } else if (number instanceof Double && Double.isFinite(number.doubleValue())) {
      return new BigDecimal(NumberOutput.toString(number.doubleValue(), true));
    } else if (number instanceof Float && Float.isFinite(number.floatValue())) {
      return new BigDecimal(NumberOutput.toString(number.floatValue(), true));
    } else if (number instanceof Double || number instanceof Float) {
      throw new InvalidRowException(number + " is no JSON value");
    }
    throw new InvalidRowException("a " + number.getClass().getName() + " is no JSON value");
  }

  private void number(BigDecimal value) {
    if (value.signum() == 0) {
      out.putByte('0');
      return;
    }
    // Both bounds before any work on the digits, or 1e999999999 would become a number in memory.
    boolean large = value.unscaledValue().bitLength() > MAX_NUMBER_BITS;
    long exponent = large ? 0 : (long) value.precision() - value.scale();
    if (large || Math.abs(exponent) > JsonText.MAX_EXPONENT) {
      throw tooLong();
    }
    BigDecimal stripped = value.stripTrailingZeros();
    boolean plain = stripped.scale() <= 0 && exponent <= MAX_PLAIN_DIGITS;
    String text = plain ? stripped.toPlainString() : stripped.toString();
    if (text.length() > JsonText.MAX_NUMBER_CHARS) {
      throw tooLong();
    }
    out.putAscii(text);
  }

  private static InvalidRowException tooLong() {
    return new InvalidRowException(
        "a number in JSON has at most "
            + JsonText.MAX_NUMBER_CHARS
            + " digits and an exponent of at most "
            + JsonText.MAX_EXPONENT);
  }

  /** Puts the members of the innermost object, which is all at the end, in order. */
  private void order(List<Member> members) {
    boolean ordered = true;
    for (int m = 1; m < members.size() && ordered; m++) {
      ordered = members.get(m - 1).name().compareTo(members.get(m).name()) < 0;
    }
    if (ordered) {
      return;
    }
    int start = members.get(0).start();
    members.sort(Comparator.comparing(Member::name));
    byte[] unordered = out.cut(start);
    for (int m = 0; m < members.size(); m++) {
      Member member = members.get(m);
      if (m > 0 && members.get(m - 1).name().equals(member.name())) {
        throw new InvalidRowException("an object in JSON has a name twice");
      }
      out.putBytes(unordered, member.start() - start, member.end() - member.start());
    }
  }

  /** Ends an array or object, in the place of the comma behind its last value. */
  private void close(char end) {
    out.dropTrailing(',');
    out.putByte(end);
  }

  private static void checkDepth(int depth) {
    if (depth == JsonText.MAX_DEPTH) {
      throw new InvalidRowException(
          "a JSON value is nested at most " + JsonText.MAX_DEPTH + " deep");
    }
  }

  private void checkLength() {
    if (out.length() > UpdateBlockBuilder.MAX_VALUE_BYTES) {
      throw new InvalidRowException(
          "a JSON value is at most " + UpdateBlockBuilder.MAX_VALUE_BYTES + " bytes");
    }
  }
}
