package io.tidemark.write;

import io.tidemark.catalog.CollectionSpec;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import org.jspecify.annotations.Nullable;

/** The headers of messages on the public addresses. */
final class Headers {

  static final String PRODUCER = "producer";
  static final String SEQUENCE = "seq";
  static final String SESSION = "session";
  static final String PARTITION = "partition";
  static final String FRONTIER = "frontier";
  static final String OFFSET = "offset";

  /** The frontier after which nothing comes. */
  static final String END = "end";

  private Headers() {}

  /** A header that must be a number of at least {@code min}. */
  static long number(Delivery delivery, String name, long min) {
    String text = delivery.header(name);
    if (text == null) {
      throw refused(
          "header '" + name + "' is missing: it must be a whole number of at least " + min);
    }
    try {
      long number = Long.parseLong(text);
      if (number >= min) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw refused(
        "header '" + name + "' is '" + text + "': it must be a whole number of at least " + min);
  }

  /** A header that may be missing. */
  static long number(Delivery delivery, String name, long min, long otherwise) {
    return delivery.header(name) == null ? otherwise : number(delivery, name, min);
  }

  /** The partition, 0 if none is named. */
  static int partition(Delivery delivery) {
    long partition = number(delivery, PARTITION, 0, 0);
    if (partition >= CollectionSpec.MAX_PARTITIONS) {
      throw refused(
          "header '"
              + PARTITION
              + "' is '"
              + partition
              + "': a collection has at most "
              + CollectionSpec.MAX_PARTITIONS
              + " partitions, counted from 0");
    }
    return (int) partition;
  }

  /** The frontier, null if there is none. */
  static @Nullable Antichain frontier(Delivery delivery) {
    String text = delivery.header(FRONTIER);
    if (text == null) {
      return null;
    }
    return text.equals(END) ? Antichain.empty() : Antichain.of(number(delivery, FRONTIER, 0));
  }

  private static RefusedException refused(String text) {
    return new RefusedException(FailureCode.INVALID_ROW, text);
  }
}
