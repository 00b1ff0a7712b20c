package io.tidemark.write;

import java.util.ArrayList;
import java.util.List;

/** Who of a roster takes what: a function of the roster alone, so that everybody agrees. */
final class Assignment {

  /** Begins the ids of producers that belong to one writer. Applications cannot use it. */
  private static final String OWN = "~";

  private Assignment() {}

  /** The id of the producer that stands for everybody who sends to {@code writer} without one. */
  static String ownProducer(String writer, String incarnation) {
    return OWN + writer + "/" + incarnation;
  }

  /** The writer that takes a producer's messages: all of them meet in one place. */
  static String writerOf(String producer, List<String> roster) {
    if (producer.startsWith(OWN)) {
      for (String writer : roster) {
        if (producer.startsWith(OWN + writer + "/")) {
          return writer;
        }
      }
    }
    return roster.get(Math.floorMod(producer.hashCode(), roster.size()));
  }

  /** The writer that takes a source partition. */
  static String writerOf(int partition, List<String> roster) {
    return roster.get(Math.floorMod(partition, roster.size()));
  }

  /** The partitions that {@code writer} takes. */
  static List<Integer> partitionsOf(String writer, int partitions, List<String> roster) {
    List<Integer> owned = new ArrayList<>();
    for (int partition = 0; partition < partitions; partition++) {
      if (writerOf(partition, roster).equals(writer)) {
        owned.add(partition);
      }
    }
    return owned;
  }
}
