package io.tidemark.row;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tidemark.Seeds;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Canonical JSON: one text for each value, from text or from Java values. */
class JsonTextTest {

  private static final ObjectMapper EXACT =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  @Test
  void shouldGiveEqualValuesOneText() {
    String[][] equal = {
      {"0", "-0", "0.0", "-0.0", "0e5", " 0 "},
      {"1", "1.0", "1e0", "10e-1", "0.1e1"},
      {"100", "1e2", "1E+2", "100.00"},
      {"1000000000000000000", "1e18"},
      {"10000000000000000000000000000000000000", "1e37"},
      {"1E+38", "100000000000000000000000000000000000000", "10e37"},
      {"0.000001", "1e-6"},
      {"1E-7", "0.0000001", "0.1e-6"},
      {"-123456789012345678901234567890.5", "-1234567890123456789012345678905e-1"},
      {"\"a\"", "\"\\u0061\""},
      {"\"/\"", "\"\\/\""},
      {"\"\\u0001\\n\\\"\\\\\"", "\"\\u0001\\u000a\\u0022\\u005c\""},
      {"\"é🌊\"", "\"\\u00e9\\ud83c\\udf0a\""},
      {"{}", " { } "},
      {"[]", "[ ]"},
      {"[1,[true,false,null]]", "[1.0, [true ,false, null]]"},
      {"{\"a\":1,\"b\":2,\"c\":{}}", "{\"c\":{},\"b\":2,\"a\":1}", "{\"b\":2,\"a\":1,\"c\":{}}"},
      {"{\"\":0,\"A\":1,\"a\":2,\"aa\":3}", "{\"aa\":3,\"a\":2,\"A\":1,\"\":0}"},
      {"[{\"a\":{\"x\":1,\"y\":2},\"b\":0}]", "[{\"b\":0,\"a\":{\"y\":2,\"x\":1}}]"}
    };
    for (String[] texts : equal) {
      for (String text : texts) {
        assertEquals(texts[0], JsonText.canonical(text), text);
      }
    }
  }

  @Test
  void shouldKeepTheValueAndBeStable() {
    Seeds.forEach(
        2000,
        seed -> {
          String json = new RandomBlocks(seed).rows().json(5);
          String canonical = JsonText.canonical(json);
          assertEquals(canonical, JsonText.canonical(canonical));
          assertSameValue(read(json, JsonNode.class), read(canonical, JsonNode.class));
        });
  }

  private static <T> T read(String json, Class<T> type) {
    try {
      return EXACT.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertSameValue(JsonNode a, JsonNode b) {
    if (a.isNumber()) {
      assertEquals(0, a.decimalValue().compareTo(b.decimalValue()));
    } else if (a.isContainerNode()) {
      assertEquals(a.size(), b.size());
      a.fieldNames().forEachRemaining(name -> assertSameValue(a.get(name), b.get(name)));
      for (int i = 0; a.isArray() && i < a.size(); i++) {
        assertSameValue(a.get(i), b.get(i));
      }
    } else {
      assertEquals(a, b);
    }
  }

  @Test
  void shouldGiveJavaValuesTheTextOfTheirJson() {
    Seeds.forEach(
        1000,
        seed -> {
          String json = new RandomBlocks(seed).rows().json(5);
          Object value = read(json, Object.class);
          assertEquals(JsonText.canonical(json), JsonText.canonicalOf(value));
          assertEquals(JsonText.canonical(json), JsonText.canonicalOf(wrapped(value)));
        });
  }

  /** The same, with the maps and lists in Vert.x's clothes. */
  private static Object wrapped(Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> members = new HashMap<>();
      map.forEach((name, member) -> members.put((String) name, wrapped(member)));
      return new JsonObject(members);
    } else if (value instanceof List<?> list) {
      List<Object> elements = new ArrayList<>();
      list.forEach(element -> elements.add(wrapped(element)));
      return new JsonArray(elements);
    }
    return value;
  }

  @Test
  void shouldWriteWhatVertxAllowsAsVertxSendsIt() {
    Instant instant = Instant.parse("2024-02-29T12:30:00.25Z");
    List<Object> values =
        Arrays.asList(
            instant,
            new byte[] {-1, -2},
            Buffer.buffer(new byte[] {-1, -2}),
            Thread.State.NEW,
            0.1f,
            0x1p-44,
            (short) 1,
            (byte) 2,
            new BigInteger("36893488147419103232"),
            "text",
            null);
    JsonArray received = new JsonArray(new JsonArray(values).encode());
    assertEquals(JsonText.canonicalOf(received), JsonText.canonicalOf(values));
    assertEquals("5.684341886080802E-14", JsonText.canonicalOf(0x1p-44));
  }

  @Test
  void shouldRefuseJavaValuesThatAreNoJson() {
    List<Object> values =
        List.of(LocalDate.EPOCH, Double.NaN, Float.POSITIVE_INFINITY, 'c', new Object(), "\ud800");
    for (Object value : values) {
      assertThrows(InvalidRowException.class, () -> JsonText.canonicalOf(value), value.toString());
      assertThrows(
          InvalidRowException.class, () -> JsonText.canonicalOf(Map.of("a", List.of(value))));
    }
    Map<Object, Object> twice = new LinkedHashMap<>();
    twice.put("1", 1);
    twice.put(1, 2);
    assertThrows(InvalidRowException.class, () -> JsonText.canonicalOf(twice));
  }

  @Test
  void shouldRefuseTextThatIsNotOneValue() {
    for (String text :
        List.of(
            "",
            " ",
            "1 2",
            "{}{}",
            "[1,]",
            "{\"a\":1,}",
            "{\"a\"}",
            "{a:1}",
            "'a'",
            "[",
            "\"",
            "nul",
            "NaN",
            "Infinity",
            "+1",
            "01",
            ".5",
            "1.",
            "0x1",
            "// c\n1",
            "\"\u0001\"",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\ud800\"",
            "{\"\\udc00\":1}",
            "1\u0000",
            "\u0000\u00001\u0000")) {
      InvalidRowException e =
          assertThrows(InvalidRowException.class, () -> JsonText.canonical(text), text);
      assertTrue(
          e.getMessage().startsWith("the text is not JSON") || e.getMessage().contains("surrogate"),
          e.getMessage());
    }
  }

  @Test
  void shouldRefuseNamesThatAreGivenTwice() {
    for (String text :
        List.of(
            "{\"a\":1,\"a\":1}",
            "{\"a\":1,\"b\":1,\"\\u0061\":2}",
            "[{\"x\":{\"b\":1,\"a\":2,\"b\":3}}]")) {
      InvalidRowException e =
          assertThrows(InvalidRowException.class, () -> JsonText.canonical(text), text);
      assertTrue(e.getMessage().contains("twice"), e.getMessage());
    }
  }

  @Test
  void shouldBoundTheDepth() {
    assertEquals(deep(JsonText.MAX_DEPTH), JsonText.canonical(deep(JsonText.MAX_DEPTH)));
    String tooDeep = deep(JsonText.MAX_DEPTH + 1);
    assertThrows(InvalidRowException.class, () -> JsonText.canonical(tooDeep));
    assertThrows(InvalidRowException.class, () -> JsonText.canonical(deep(1_000_000)));
    Object value = List.of();
    for (int depth = 1; depth < JsonText.MAX_DEPTH; depth++) {
      value = depth % 2 == 0 ? Collections.singletonList(value) : Map.of("a", value);
    }
    Object deepest = value;
    assertEquals(
        JsonText.MAX_DEPTH / 2,
        JsonText.canonicalOf(deepest).chars().filter(c -> c == '{').count());
    assertThrows(InvalidRowException.class, () -> JsonText.canonicalOf(List.of(deepest)));
  }

  private static String deep(int depth) {
    return "[".repeat(depth) + "]".repeat(depth);
  }

  @Test
  void shouldBoundNumbers() {
    String digits = "1".repeat(JsonText.MAX_NUMBER_CHARS);
    assertEquals(digits, JsonText.canonical(digits));
    assertEquals("1E+9999", JsonText.canonical("1e9999"));
    assertEquals("1E-9999", JsonText.canonical("1e-9999"));
    for (String text :
        List.of(
            digits + "1",
            digits + "e1",
            "1e10000",
            "1e999999999",
            "-1e-999999999",
            "10e2147483647",
            "1e99999999999999")) {
      assertThrows(InvalidRowException.class, () -> JsonText.canonical(text), text);
    }
    for (Object number :
        List.of(
            new BigDecimal(BigInteger.valueOf(100), Integer.MIN_VALUE),
            new BigDecimal(BigInteger.ONE, Integer.MAX_VALUE),
            BigInteger.ONE.shiftLeft(10_000_000),
            new BigDecimal(BigInteger.TEN.pow(100_000), 100_000))) {
      assertThrows(InvalidRowException.class, () -> JsonText.canonicalOf(number));
    }
    assertEquals("0", JsonText.canonicalOf(new BigDecimal("0e-999999999")));
  }
}
