package io.tidemark.admin;

import io.tidemark.catalog.CollectionSpec;
import io.tidemark.catalog.Retention;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.InvalidRowException;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What of a collection is to be changed. Pure.
 *
 * @param retention the one that is to be, as the request has it; null for the one that is
 */
record Alteration(String name, @Nullable Object retention, Columns columns) {

  private static final Set<String> KEYS =
      Set.of("action", "name", "retention", Columns.ADD, Columns.NULLABLE);

  /**
   * Reads a request.
   *
   * @throws RefusedException or {@link InvalidRowException}, if it makes no sense
   */
  static Alteration of(JsonObject request) {
    Requests.checkKeys(
        request,
        KEYS,
        "of a collection that exists, retention, addColumns and nullable can be given");
    Object retention = request.getValue("retention");
    Columns columns = Columns.of(request);
    if (retention == null && columns.isEmpty()) {
      throw Requests.invalid(
          "nothing is to be changed: give \"retention\", \"addColumns\" or \"nullable\"");
    }
    return new Alteration(Requests.name(request), retention, columns);
  }

  /**
   * The collection as it is to be, but for its columns: those are in its shard.
   *
   * @throws RefusedException if what is asked for does not suit it
   */
  CollectionSpec apply(CollectionSpec collection) {
    return retention == null
        ? collection
        : collection.with(Retention.parse(retention, collection.mode()));
  }
}
