package io.tidemark.sim;

import io.tidemark.location.Blob;
import io.tidemark.location.Consensus;
import io.tidemark.persist.BrokenAppends;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.PersistOptions;
import io.tidemark.write.BrokenWriters;
import io.tidemark.write.WriteContext;
import io.tidemark.write.WriteVerticle;

/** A check that is switched off, to see that the simulation misses it. */
enum Sabotage {
  NONE,
  /** An append that was not answered is not recognised. */
  TOKEN,
  /** Messages of another epoch are taken for ones of this epoch, and writers are not fenced. */
  EPOCH,
  /** A producer's repeated message is taken again. */
  SEQUENCE;

  PersistClient client(Blob blob, Consensus consensus, PersistOptions options) {
    return switch (this) {
      case TOKEN -> BrokenAppends.withoutToken(blob, consensus, options);
      case EPOCH -> BrokenAppends.withoutFence(blob, consensus, options);
      case SEQUENCE -> BrokenAppends.withoutSequence(blob, consensus, options);
      case NONE -> new PersistClient(blob, consensus, options);
    };
  }

  WriteVerticle writer(WriteContext context) {
    return this == SEQUENCE ? BrokenWriters.withoutSequence(context) : new WriteVerticle(context);
  }
}
