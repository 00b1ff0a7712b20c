package io.tidemark.write;

import io.tidemark.client.EpochWatch;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.Bus.Registration;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Ack;
import io.tidemark.protocol.Messages.CurrentEpoch;
import io.tidemark.protocol.Messages.Descriptions;
import io.tidemark.protocol.Messages.InEpoch;
import io.tidemark.protocol.Messages.Join;
import io.tidemark.protocol.Messages.Roster;
import io.tidemark.protocol.Messages.WhichEpoch;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One write verticle's part in one collection: joins the epochs that mint asks it to, and knows
 * where messages go also when it takes part in none.
 */
final class CollectionWriter {

  /** How long another writer may take to say which epoch it is in. */
  private static final long ROUTE_MILLIS = 500;

  private static final Logger log = LoggerFactory.getLogger(CollectionWriter.class);

  private final WriteContext context;
  private final String collection;
  private final IngestWriter.Factory factory;
  private final Runnable pressed;
  private @Nullable Join join;
  private @Nullable EpochRun run;
  private final List<Runnable> waiting = new ArrayList<>();
  private LongConsumer began = epoch -> {};
  private @Nullable EpochWatch watch;
  private long newestEpoch;
  private @Nullable RefusedException gone;
  private String coordination = "";
  private @Nullable Future<Registration> listening;

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

  /**
   * Where messages go now.
   *
   * @param writers who takes part in the epoch
   */
  record Route(long epoch, List<String> writers) {}

  /**
   * Hears of epochs that begin without this writer: then the one under way is over for it, too.
   *
   * @param newEpoch is told of each epoch that is known to have begun
   */
  Future<Void> watchEpochs(LongConsumer newEpoch) {
    began = newEpoch;
    watch = EpochWatch.of(context.bus(), collection, this::epochBegan);
    return watch.listening();
  }

  private void epochBegan(long epoch) {
    if (epoch > newestEpoch) {
      newestEpoch = epoch;
      if (run != null && run.join().epoch() < epoch) {
        endRun("epoch " + epoch + " has begun");
      }
      tellThoseWhoWait();
    }
  }

  /** Runs {@code action} once a newer epoch can take messages, until what is returned is run. */
  Runnable onNewEpoch(Runnable action) {
    waiting.add(action);
    return () -> waiting.remove(action);
  }

  private void tellThoseWhoWait() {
    began.accept(newestEpoch);
    List<Runnable> all = List.copyOf(waiting);
    waiting.clear();
    all.forEach(Runnable::run);
  }

  /**
   * Where messages go now: as this writer knows, or, if it is in no epoch, as another one does.
   * Fails with {@link FailureCode#UNAVAILABLE} if nobody does.
   */
  Future<Route> route() {
    if (gone != null) {
      return Future.failedFuture(gone);
    }
    if (run != null) {
      return Future.succeededFuture(new Route(run.join().epoch(), run.roster()));
    }
    return context
        .bus()
        .request(Addresses.open(collection), new WhichEpoch(), ROUTE_MILLIS)
        .transform(
            answer ->
                answer.succeeded()
                        && answer.result() instanceof CurrentEpoch current
                        && current.epoch() >= newestEpoch
                    ? Future.succeededFuture(new Route(current.epoch(), current.writers()))
                    : Future.failedFuture(starting()));
  }

  /** What is said as long as no epoch is under way. */
  RefusedException starting() {
    if (gone != null) {
      return gone;
    }
    return new RefusedException(
        FailureCode.UNAVAILABLE,
        "the pipeline of '" + collection + "' is starting: try again in a moment");
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
      Future<Registration> unused = listen(next); // so that the roster finds it done
    }
    delivery.reply(new Ack());
  }

  /** Begins the epoch that was joined. */
  void begin(Roster roster, Delivery delivery) {
    Join joined = join;
    if (joined == null
        || roster.epoch() != joined.epoch()
        || !roster.writers().contains(context.writer())) {
      delivery.refuse(stale(roster));
      return;
    }
    Future<Registration> heard = listen(joined);
    heard.onComplete(
        done -> {
          if (done.failed()) {
            listening = listening == heard ? null : listening;
            delivery.refuse(RefusedException.of(done.cause()));
          } else if (join == null || join.epoch() != joined.epoch()) {
            delivery.refuse(stale(roster));
          } else {
            if (run == null) {
              run = new EpochRun(context, joined, roster.writers(), factory, pressed);
              newestEpoch = Math.max(newestEpoch, joined.epoch());
              tellThoseWhoWait();
            }
            delivery.reply(new Ack());
          }
        });
  }

  /**
   * Hears the descriptions of the coordination that holds the epoch. That of the one before is left
   * meanwhile: nobody waits until the cluster has forgotten it.
   */
  private Future<Registration> listen(Join joined) {
    Future<Registration> known = listening;
    if (known != null && coordination.equals(joined.coordination())) {
      return known;
    }
    unlisten()
        .onFailure(e -> log.warn("'{}': an earlier coordination is still heard", collection, e));
    coordination = joined.coordination();
    Future<Registration> begun =
        context
            .bus()
            .consume(
                Addresses.descriptions(joined.coordination()),
                delivery -> described((Descriptions) delivery.body()));
    listening = begun;
    return begun;
  }

  private Future<Void> unlisten() {
    Future<Registration> before = listening;
    listening = null;
    return before == null
        ? Future.succeededFuture()
        : before.transform(
            done -> done.succeeded() ? done.result().unregister() : Future.succeededFuture());
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

  /** Whether an epoch comes after all that are known of. */
  boolean isNews(long epoch) {
    return epoch > newestEpoch && (join == null || epoch > join.epoch());
  }

  /** As {@link #leave}; whatever is asked from now on is refused with {@code why}. */
  Future<Void> leaveForGood(RefusedException why) {
    gone = why;
    return leave(String.valueOf(why.getMessage()));
  }

  /** Ends the epoch under way, and hears no more descriptions. */
  Future<Void> leave(String reason) {
    endRun(reason);
    EpochWatch watching = watch;
    return unlisten()
        .compose(done -> watching == null ? Future.succeededFuture() : watching.close());
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
