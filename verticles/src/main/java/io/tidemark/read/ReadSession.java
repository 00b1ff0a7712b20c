package io.tidemark.read;

import io.tidemark.location.ExternalException;
import io.tidemark.persist.LeaseExpiredException;
import io.tidemark.persist.UnreadableTimeException;
import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Block;
import io.tidemark.protocol.Messages.NextBlock;
import io.tidemark.protocol.ReadPosition;
import io.tidemark.protocol.RefusedException;
import io.tidemark.protocol.Rows;
import io.tidemark.read.ReadSource.Given;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reading. Each request is the credit for one block, and is answered when that is there; what
 * was answered is kept until the reader says that it has it, so that it can ask again. Belongs to
 * one context.
 *
 * <p>Invariant: only blocks after the one that the reader has are kept or asked for, and at most
 * {@link ReadSettings#maxUnreceived} of them.
 */
final class ReadSession {

  private static final Logger log = LoggerFactory.getLogger(ReadSession.class);

  private final ReadContext world;
  private final String collection;
  private final ReadSource source;
  private final Schema schema;
  private final TreeMap<Long, Block> sent = new TreeMap<>();
  private final TreeMap<Long, Asked> asked = new TreeMap<>();
  private long number = 1;
  private long received;
  private long heardMillis;
  private long heldMillis;
  private @Nullable String held;
  private boolean fetching;
  private @Nullable Given ready;

  /** The position of the last block; the source itself may be ahead of it. */
  private ReadPosition given;

  private @Nullable RefusedException failure;

  /**
   * @param schema the columns that the reader was told
   */
  ReadSession(ReadContext world, String collection, ReadSource source, Schema schema) {
    this.world = world;
    this.collection = collection;
    this.source = source;
    this.schema = schema;
    this.given = source.position();
    this.heardMillis = nowMillis();
  }

  /** A request that is not answered yet, and how it is. */
  private record Asked(Delivery delivery, BiConsumer<Delivery, Block> answer, long sinceMillis) {}

  String collection() {
    return collection;
  }

  /**
   * The reader asks for a block.
   *
   * @param answer sends it, in the form that the reader understands
   */
  void next(NextBlock request, Delivery delivery, BiConsumer<Delivery, Block> answer) {
    heardMillis = nowMillis();
    forget(Math.min(request.received(), number - 1));
    Block known = sent.get(request.number());
    if (known != null) {
      answer.accept(delivery, known);
    } else if (failure != null) {
      delivery.refuse(failure);
    } else if (request.number() < number
        || request.number() > received + world.settings().maxUnreceived()) {
      delivery.refuse(
          new RefusedException(
              FailureCode.OVERLOADED,
              "block "
                  + request.number()
                  + " cannot be asked for: "
                  + received
                  + " were received, and at most "
                  + world.settings().maxUnreceived()
                  + " may be on their way"));
    } else {
      asked.put(request.number(), new Asked(delivery, answer, nowMillis()));
      goOn();
    }
  }

  private void forget(long upTo) {
    received = Math.max(received, upTo);
    while (!sent.isEmpty() && sent.firstKey() <= received) {
      held = sent.pollFirstEntry().getValue().position();
    }
  }

  private void goOn() {
    Given next = ready;
    if (next != null && asked.containsKey(number)) {
      ready = null;
      answer(next);
    }
    if (ready == null && !fetching && !asked.isEmpty() && failure == null) {
      fetching = true;
      source.next().onComplete(this::fetched);
    }
  }

  private void fetched(AsyncResult<Given> next) {
    fetching = false;
    if (failure != null) {
      return; // it was closed meanwhile
    }
    if (next.failed()) {
      fail(refusal(next.cause()));
      return;
    }
    ready = next.result();
    if (asked.containsKey(number)) {
      // In the next turn, lest a long chain of blocks that are there already grows the stack.
      world.environment().timers().after(0, this::goOn);
    }
  }

  private void answer(Given next) {
    given = next.position();
    UpdateBlock updates = next.updates();
    Asked request = asked.remove(number);
    if (request == null) {
      throw new IllegalStateException("nobody asked for block " + number);
    }
    Block block =
        new Block(
            number,
            updates == null ? null : Rows.of(updates),
            next.position().text(),
            updates == null || updates.schema().equals(schema) ? null : updates.schema());
    if (updates != null) {
      world.meters().read(collection, updates.size());
    }
    sent.put(number, block);
    number++;
    request.answer().accept(request.delivery(), block);
  }

  private RefusedException refusal(Throwable cause) {
    if (cause instanceof RefusedException refused) {
      return refused;
    }
    String text = String.valueOf(cause.getMessage());
    if (cause instanceof UnreadableTimeException) {
      return new RefusedException(FailureCode.INVALID_ROW, text);
    }
    if (!(cause instanceof ExternalException) && !(cause instanceof LeaseExpiredException)) {
      log.error("'{}': a reading failed", collection, cause);
    }
    return new RefusedException(FailureCode.UNAVAILABLE, text);
  }

  private void fail(RefusedException refused) {
    failure = refused;
    asked.values().forEach(request -> request.delivery().refuse(refused));
    asked.clear();
  }

  /** There is nothing more to read: whoever reads is told so, and the next tick ends it. */
  void drop(RefusedException gone) {
    if (failure == null) {
      fail(gone);
    }
  }

  /** Whatever may have been committed: looks again. */
  void wake() {
    source.wake();
  }

  /** Answers a request that has waited for long. False if it has failed, or nobody asks. */
  boolean tick() {
    Asked first = asked.get(number);
    if (ready == null
        && first != null
        && nowMillis() - first.sinceMillis() >= world.settings().holdMillis()) {
      answer(new Given(null, given));
    }
    String position = held;
    if (position != null && nowMillis() - heldMillis >= world.settings().refreshMillis()) {
      held = null;
      heldMillis = nowMillis();
      source.hold(ReadPosition.parse(position));
    }
    return failure == null && nowMillis() - heardMillis < world.settings().silentMillis();
  }

  /** Ends the reading. */
  Future<Void> close() {
    if (failure == null) {
      fail(new RefusedException(FailureCode.STALE_EPOCH, "the reading was closed: open it again"));
    }
    return source
        .close()
        .onFailure(e -> log.warn("'{}': a reading did not end cleanly", collection, e));
  }

  private long nowMillis() {
    return world.environment().clock().monotonicMillis();
  }
}
