package io.tidemark.row;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * The canonical text of JSON values: no white space, members ordered by name, each name once. Two
 * equal values have one text, so a retraction meets the row that it retracts.
 */
public final class JsonText {

  /** The deepest nesting that a value may have. */
  public static final int MAX_DEPTH = 200;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  static {
    MAPPER
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(MAX_DEPTH)
                .maxStringLength(UpdateBlockBuilder.MAX_VALUE_BYTES)
                .build());
  }

  private JsonText() {}

  /**
   * The canonical text of the one JSON value in {@code json}.
   *
   * @throws InvalidRowException if it is not exactly one JSON value
   */
  public static String canonical(String json) {
    try {
      JsonNode node = MAPPER.readTree(json);
      if (node == null || node.isMissingNode()) {
        throw new InvalidRowException("the text is not JSON: it is empty");
      }
      return MAPPER.writeValueAsString(MAPPER.treeToValue(node, Object.class));
    } catch (JsonProcessingException e) {
      throw new InvalidRowException("the text is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * The canonical text of a value made of maps, lists, strings, numbers, booleans and nulls.
   *
   * @throws InvalidRowException if it holds anything else
   */
  public static String canonical(Object value) {
    try {
      return canonical(MAPPER.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new InvalidRowException("the value is not JSON: " + e.getOriginalMessage(), e);
    }
  }
}
