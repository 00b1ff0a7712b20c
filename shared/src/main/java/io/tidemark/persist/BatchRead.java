package io.tidemark.persist;

import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the parts of one batch, one ahead, as far as they reach past a frontier. */
final class BatchRead {

  private final Antichain upper;
  private final Parts parts;
  private final Lease.SeqnoPin pin;
  private final ArrayDeque<List<Part>> unread = new ArrayDeque<>();
  private @Nullable Future<List<UpdateBlock>> ahead;

  BatchRead(Batch batch, Antichain frontier, Parts parts, Lease.SeqnoPin pin) {
    this.upper = batch.description().upper();
    this.parts = parts;
    this.pin = pin;
    List<Part> inline = new ArrayList<>();
    for (Part part : batch.parts()) {
      if (!frontier.lessThan(part.bounds().upper())) {
        continue;
      }
      if (part instanceof Part.Hollow) {
        unread.add(List.of(part));
      } else {
        inline.add(part);
      }
    }
    if (!inline.isEmpty()) {
      unread.add(inline);
    }
    readAhead();
  }

  Antichain upper() {
    return upper;
  }

  /** Whether everything has been returned. */
  boolean isThrough() {
    return ahead == null;
  }

  /** The updates of the next part; the one after it is being read when it is there. */
  Future<List<UpdateBlock>> next() {
    Future<List<UpdateBlock>> next = ahead;
    if (next == null) {
      throw new IllegalStateException("the batch is through");
    }
    return next.onSuccess(read -> readAhead());
  }

  private void readAhead() {
    List<Part> step = unread.poll();
    ahead = step == null ? null : parts.read(step);
  }

  /** Its parts are not needed any more. */
  void release() {
    unread.clear();
    pin.release();
  }
}
