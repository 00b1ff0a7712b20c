package io.tidemark.write;

import io.tidemark.catalog.Catalog;
import io.tidemark.catalog.CollectionSpec;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.Schema;
import io.vertx.core.AsyncResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Rows that do not fit the schema that a writer knows, and would fit one that the collection may
 * have been given meanwhile: they are not refused for good before the list of collections says that
 * it has not. Belongs to one context.
 */
final class SchemaDoubts {

  /** How many rows may wait for what the list says. */
  static final int MAX_WAITING = 1024;

  private final Catalog catalog;
  private final String collection;
  private List<Doubt> waiting = new ArrayList<>();
  private boolean reading;

  SchemaDoubts(Catalog catalog, String collection) {
    this.catalog = catalog;
    this.collection = collection;
  }

  /** A row that did not fit {@code known}, and who is told what to do. */
  private record Doubt(Schema known, InvalidRowException cause, Consumer<RefusedException> told) {}

  /**
   * Finds out how a row is refused: for good, or until this writer has learnt the newer schema.
   *
   * @param known the schema that it did not fit
   * @param told is told, now or once the list was read
   */
  void refusal(Schema known, InvalidRowException cause, Consumer<RefusedException> told) {
    if (waiting.size() >= MAX_WAITING) {
      told.accept(
          new RefusedException(
              FailureCode.OVERLOADED,
              MAX_WAITING
                  + " rows that do not fit '"
                  + collection
                  + "' wait already: send it again a little later"));
      return;
    }
    waiting.add(new Doubt(known, cause, told));
    if (!reading) {
      read();
    }
  }

  /** What comes while the list is read is answered by the next reading: it may be newer. */
  private void read() {
    reading = true;
    List<Doubt> asked = waiting;
    waiting = new ArrayList<>();
    catalog
        .read()
        .onComplete(
            list -> {
              reading = false;
              asked.forEach(doubt -> doubt.told().accept(refusal(doubt, list)));
              if (!waiting.isEmpty() && !reading) {
                read();
              }
            });
  }

  private RefusedException refusal(Doubt doubt, AsyncResult<Map<String, CollectionSpec>> list) {
    if (list.failed()) {
      return new RefusedException(
          FailureCode.UNAVAILABLE,
          "whether '" + collection + "' was altered is not known: " + list.cause().getMessage());
    }
    CollectionSpec listed = list.result().get(collection);
    if (listed == null) {
      return new RefusedException(
          FailureCode.UNKNOWN_COLLECTION, "collection '" + collection + "' was dropped");
    }
    return doubt.known().extendsFrom(listed.schema())
        ? new RefusedException(FailureCode.INVALID_ROW, String.valueOf(doubt.cause().getMessage()))
        : new RefusedException(
            FailureCode.UNAVAILABLE,
            "the columns of '"
                + collection
                + "' are being altered: send it again in a moment ("
                + doubt.cause().getMessage()
                + ")");
  }
}
