package io.tidemark.admin;

import io.tidemark.catalog.CollectionSpec;
import io.tidemark.catalog.Retention;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.json.JsonObject;
import java.util.Set;

/** What of a collection is to be changed. Pure. */
record Alteration(String name, Object retention) {

  private static final Set<String> KEYS = Set.of("action", "name", "retention");

  /**
   * Reads a request.
   *
   * @throws RefusedException if it makes no sense
   */
  static Alteration of(JsonObject request) {
    Requests.checkKeys(request, KEYS, "of a collection that exists, retention can be changed");
    Object retention = request.getValue("retention");
    if (retention == null) {
      throw Requests.invalid("nothing is to be changed: give \"retention\"");
    }
    return new Alteration(Requests.name(request), retention);
  }

  /**
   * The collection as it is to be.
   *
   * @throws RefusedException if what is asked for does not suit it
   */
  CollectionSpec apply(CollectionSpec collection) {
    return collection.with(Retention.parse(retention, collection.mode()));
  }
}
