package io.tidemark.admin;

import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.json.JsonObject;
import java.util.Set;

/** What requests to the admin address have in common. */
final class Requests {

  private Requests() {}

  /**
   * The collection that a request names.
   *
   * @throws RefusedException if it names none
   */
  static String name(JsonObject request) {
    String name = request.getString("name");
    if (name == null) {
      throw invalid("\"name\" is missing: name the collection");
    }
    return name;
  }

  /**
   * Checks that a request has no other members.
   *
   * @param otherwise what to do, for whoever asked for something else
   */
  static void checkKeys(JsonObject request, Set<String> keys, String otherwise) {
    for (String key : request.fieldNames()) {
      if (!keys.contains(key)) {
        throw invalid("'" + key + "' is no property of a collection: " + otherwise);
      }
    }
  }

  static RefusedException invalid(String text) {
    return new RefusedException(FailureCode.INVALID_ROW, text);
  }
}
