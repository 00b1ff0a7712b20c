package io.tidemark.append;

import io.tidemark.catalog.Retention;
import io.tidemark.row.Schema;

/** What an append verticle knows of the lease that it works under, and says to its holder. */
public interface Tenure {

  /** Whether to begin another epoch, as far as the lease says. */
  boolean mayCoordinate();

  /** How far back the collection is to stay readable, as the list of collections said last. */
  Retention retention();

  /** The columns that the collection has, as the list of collections said last. */
  Schema schema();

  /** Somebody else coordinates the collection. Told once; nothing more is begun here. */
  void fenced(Fencing by);

  /** The shard was dropped. Told once; nothing more is begun here. */
  void dropped();

  /**
   * Consensus has answered nothing for so long. Told once; nothing more is begun here: another node
   * may reach it.
   */
  void unanswered(long millis);
}
