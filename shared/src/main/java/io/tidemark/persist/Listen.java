package io.tidemark.persist;

import io.tidemark.environment.Loop;
import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The updates of a shard after some time, batch by batch, as they are committed: exactly once, and
 * without an end until the shard is sealed. Memory is bounded by two parts, however large a batch
 * is. Belongs to one context; must be closed.
 *
 * <p>The reader's since follows the frontier, one step behind: what came with the last step can
 * still be told from what was before it.
 */
public final class Listen {

  private final ReadContext context;
  private final Lease lease;
  private final Lease.SincePin sincePin;
  private final ArrayDeque<UpdateBlock> blocks = new ArrayDeque<>();
  private Antichain frontier;
  private @Nullable BatchRead reading;
  private @Nullable ListenEvent event;
  private @Nullable Throwable failure;
  private boolean closed;
  private boolean calling;

  Listen(ReadContext context, Lease lease, long asOf) {
    this.context = context;
    this.lease = lease;
    this.frontier = Antichain.of(asOf + 1);
    this.sincePin = lease.pinSince(Antichain.of(Math.max(0, asOf)));
  }

  /** All updates before this time, and after the one it began at, have been returned. */
  public Antichain frontier() {
    return frontier;
  }

  /**
   * The next updates or, once a batch is through, the new frontier; waits until there is something.
   * One call at a time. Once the shard is sealed it returns the empty frontier, for ever.
   *
   * @return fails with a {@link LeaseExpiredException} if the reader was not heard of for too long,
   *     with a {@link CorruptShardException} if a part is missing or damaged. After a failure every
   *     call fails: what was not returned is not there
   */
  public Future<ListenEvent> next() {
    if (calling) {
      throw new IllegalStateException("the next event is being waited for already");
    }
    if (failure != null) {
      return Future.failedFuture(failure);
    }
    calling = true;
    return Loop.whileTrue(this::step)
        .map(done -> taken())
        .onComplete(done -> calling = false)
        .onFailure(
            cause -> {
              failure = cause;
              release();
            });
  }

  private ListenEvent taken() {
    ListenEvent taken = event;
    event = null;
    if (taken == null) {
      throw new IllegalStateException("there is no event");
    }
    return taken;
  }

  /** Comes one step nearer to the next event; false once it is there. */
  private Future<Boolean> step() {
    if (closed) {
      throw new IllegalStateException("the listen is closed");
    }
    lease.check();
    UpdateBlock block = blocks.poll();
    if (block != null) {
      event = new ListenEvent.Updates(block);
      return Future.succeededFuture(false);
    }
    if (reading == null) {
      return begin();
    }
    return reading.isThrough()
        ? Future.succeededFuture(finish(reading))
        : reading.next().map(this::arrived);
  }

  private Future<Boolean> begin() {
    if (frontier.isEmpty()) {
      event = new ListenEvent.Progress(frontier);
      return Future.succeededFuture(false);
    }
    if (context.state().upper().lessEqual(frontier)) {
      return context.watch().change().map(true);
    }
    Batch batch = context.state().trace().at(frontier);
    checkNotAdvanced(batch);
    Lease.SeqnoPin pin = lease.pinSeqno();
    reading = new BatchRead(batch, frontier, context.parts(lease, pin), pin);
    return Future.succeededFuture(true);
  }

  /** What was advanced past the frontier cannot be told from what was returned already. */
  private void checkNotAdvanced(Batch batch) {
    boolean asItWas = batch.since().equals(Antichain.minimum());
    if (!asItWas && !batch.since().lessThan(frontier)) {
      throw new CorruptShardException(
          "shard "
              + context.state().shard()
              + ": batch "
              + batch.description()
              + " was advanced to "
              + batch.since()
              + ", although "
              + lease
              + " reads from "
              + lease.since()
              + " on and is at "
              + frontier);
    }
  }

  private boolean arrived(List<UpdateBlock> read) {
    long from = frontier.time();
    for (UpdateBlock block : read) {
      // A batch may be merged from ones that were returned already.
      UpdateBlock later =
          block.minTime() >= from ? block : block.select(i -> block.times().get(i) >= from);
      if (!later.isEmpty()) {
        blocks.add(later);
      }
    }
    return true;
  }

  private boolean finish(BatchRead through) {
    sincePin.move(frontier);
    frontier = through.upper();
    through.release();
    reading = null;
    context.leases().updateLater();
    event = new ListenEvent.Progress(frontier);
    return false;
  }

  /**
   * Says that somebody has heard that the upper has moved: it is looked at once, and not at the
   * next poll. A hint, which may be wrong.
   */
  public void wake() {
    context.watch().wake();
  }

  /** Ends the reading; a call that waits fails. Does not close the reader. */
  public void close() {
    if (!closed) {
      closed = true;
      release();
      context.watch().tell();
    }
  }

  private void release() {
    blocks.clear();
    sincePin.release();
    if (reading != null) {
      reading.release();
      reading = null;
    }
  }
}
