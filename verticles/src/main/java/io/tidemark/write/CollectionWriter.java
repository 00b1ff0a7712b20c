package io.tidemark.write;

import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.Bus.Registration;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Ack;
import io.tidemark.protocol.Messages.Descriptions;
import io.tidemark.protocol.Messages.InEpoch;
import io.tidemark.protocol.Messages.Join;
import io.tidemark.protocol.Messages.Roster;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One write verticle's part in one collection: joins the epochs that mint asks it to. */
final class CollectionWriter {

  private static final Logger log = LoggerFactory.getLogger(CollectionWriter.class);

  private final WriteContext context;
  private final String collection;
  private final IngestWriter.Factory factory;
  private final Runnable pressed;
  private @Nullable Join join;
  private @Nullable EpochRun run;
  private @Nullable Registration descriptions;
  private String coordination = "";
  private Future<Void> listening = Future.succeededFuture();

  /**
   * @param pressed is run when the memory for rows is short
   */
  CollectionWriter(
      WriteContext context, String collection, IngestWriter.Factory factory, Runnable pressed) {
    this.context = context;
    this.factory = factory;
    this.pressed = pressed;
    this.collection = collection;
  }

  /** The epoch under way; null before the first, and between two. */
  @Nullable EpochRun run() {
    return run;
  }

  /** The epoch that a message belongs to. */
  EpochRun runOf(InEpoch message) {
    EpochRun current = run;
    if (current == null || current.join().epoch() != message.epoch()) {
      throw new RefusedException(
          FailureCode.STALE_EPOCH,
          "writer "
              + context.writer()
              + " is not in epoch "
              + message.epoch()
              + " of '"
              + collection
              + "': open again");
    }
    return current;
  }

  /** Leaves an earlier epoch and waits for the roster of this one. */
  void join(Join next, Delivery delivery) {
    if (join != null && next.epoch() < join.epoch()) {
      delivery.refuse(stale(next));
      return;
    }
    if (join == null || next.epoch() > join.epoch()) {
      join = next;
      endRun("epoch " + next.epoch() + " has begun");
      log.debug("writer {} joins epoch {} of '{}'", context.writer(), next.epoch(), collection);
    }
    delivery.reply(new Ack());
  }

  /** Begins the epoch that was joined. */
  void begin(Roster roster, Delivery delivery) {
    Join joined = join;
    if (joined == null || roster.epoch() != joined.epoch()) {
      delivery.refuse(stale(roster));
      return;
    }
    listen(joined)
        .onComplete(
            done -> {
              if (done.failed()) {
                coordination = "";
                delivery.refuse(RefusedException.of(done.cause()));
              } else if (join == null || join.epoch() != joined.epoch()) {
                delivery.refuse(stale(roster));
              } else {
                if (run == null) {
                  run = new EpochRun(context, joined, roster.writers(), factory, pressed);
                }
                delivery.reply(new Ack());
              }
            });
  }

  /** Hears the descriptions of the coordination that holds the epoch. */
  private Future<Void> listen(Join joined) {
    if (coordination.equals(joined.coordination())) {
      return listening;
    }
    Future<Void> left = unlisten();
    coordination = joined.coordination();
    listening =
        left.compose(
                done ->
                    context
                        .bus()
                        .consume(
                            Addresses.descriptions(joined.coordination()),
                            delivery -> described((Descriptions) delivery.body())))
            .map(
                registration -> {
                  descriptions = registration;
                  return null;
                });
    return listening;
  }

  private Future<Void> unlisten() {
    return listening
        .otherwiseEmpty()
        .compose(
            done -> {
              Registration before = descriptions;
              descriptions = null;
              return before == null ? Future.succeededFuture() : before.unregister();
            });
  }

  private void described(@Nullable Descriptions published) {
    EpochRun current = run;
    if (published != null && current != null && published.epoch() == current.join().epoch()) {
      current.described(published);
    }
  }

  void tick() {
    if (run != null) {
      run.tick();
    }
  }

  /** Ends the epoch under way, and hears no more descriptions. */
  Future<Void> leave(String reason) {
    endRun(reason);
    coordination = "";
    return unlisten();
  }

  private void endRun(String reason) {
    EpochRun ending = run;
    run = null;
    if (ending != null) {
      ending.end(reason);
    }
  }

  private RefusedException stale(InEpoch message) {
    return new RefusedException(
        FailureCode.STALE_EPOCH,
        "writer "
            + context.writer()
            + " has joined epoch "
            + (join == null ? 0 : join.epoch())
            + " of '"
            + collection
            + "', not "
            + message.epoch());
  }
}
