package io.tidemark.client;

import io.tidemark.environment.Backoff;
import io.tidemark.environment.Environment;
import io.tidemark.environment.Retry;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.Bus;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Claim;
import io.tidemark.protocol.Messages.ClaimPartition;
import io.tidemark.protocol.Messages.CurrentEpoch;
import io.tidemark.protocol.Messages.Frontier;
import io.tidemark.protocol.Messages.SubmitSource;
import io.tidemark.protocol.Messages.Taken;
import io.tidemark.protocol.Messages.WhichEpoch;
import io.tidemark.protocol.RefusedException;
import io.tidemark.protocol.Rows;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A claim on one partition of a collection in source mode. The source resumes from {@link
 * #upper()}, sends updates with their times, and says with frontiers up to where it is complete;
 * what is below the shard's upper is durable. When the claim is lost, since an epoch has ended or
 * somebody else claimed, everything fails: claim again, and resume from the new upper. Belongs to
 * one context.
 *
 * <p>The source must be definite: sent again from an earlier point, it sends the same.
 */
public final class SourcePartition {

  private final String collection;
  private final int partition;
  private final Claim claim;
  private final Environment environment;
  private final Bus bus;
  private final SessionSettings settings;
  private final Backoff backoff;
  private final ArrayDeque<Message> unanswered = new ArrayDeque<>();
  private long unansweredBytes;
  private long last;
  private final EpochWatch watch;
  private long heardMillis;
  private boolean asking;
  private @Nullable RefusedException lost;
  private @Nullable Runnable drained;

  /** A message on its way. */
  private record Message(
      SubmitSource content, long bytes, long sinceMillis, Promise<Taken> taken) {}

  private SourcePartition(
      String collection,
      int partition,
      Claim claim,
      Environment environment,
      Bus bus,
      SessionSettings settings) {
    this.collection = collection;
    this.partition = partition;
    this.claim = claim;
    this.environment = environment;
    this.bus = bus;
    this.settings = settings;
    this.backoff =
        new Backoff(environment.entropy(), settings.firstRetryMillis(), settings.capRetryMillis());
    this.heardMillis = nowMillis();
    this.watch = EpochWatch.of(bus, collection, this::epochBegan);
  }

  /**
   * Claims a partition, and takes it over from whoever claimed it before.
   *
   * @return the claim; fails with a {@link RefusedException} if that cannot be had in the time of
   *     {@link SessionSettings#giveUpMillis}
   */
  public static Future<SourcePartition> claim(
      String collection,
      int partition,
      Environment environment,
      Bus bus,
      SessionSettings settings) {
    String instance = environment.entropy().nextId().substring(0, 16);
    long[] attempt = {0};
    return Retry.of(
            environment,
            new Retry.Policy(
                settings.firstRetryMillis(), settings.capRetryMillis(), settings.giveUpMillis()),
            failure -> RefusedException.of(failure).code().isTransient(),
            () ->
                Opening.request(
                    bus,
                    collection,
                    new ClaimPartition(collection, 0, partition, instance, ++attempt[0]),
                    Math.min(settings.answerMillis(), Opening.MAX_MILLIS)))
        .map(
            claim ->
                new SourcePartition(
                    collection, partition, (Claim) claim, environment, bus, settings));
  }

  /** From where the source resumes: what is before it is in the shard. Empty if it has ended. */
  public Antichain upper() {
    return claim.upper();
  }

  /** Where the source said it stands, at some upper at or before this one, as JSON text. */
  public @Nullable String offset() {
    return claim.offset();
  }

  public Schema schema() {
    return claim.schema();
  }

  /** Whether to wait for {@link #onDrain} before sending more. */
  public boolean isFull() {
    return unansweredBytes >= maxUnansweredBytes()
        || unanswered.size() >= settings.maxUnansweredMessages() / 2;
  }

  private long maxUnansweredBytes() {
    return Math.min(settings.maxUnansweredBytes(), claim.credit());
  }

  /** Runs {@code action}, once, as soon as more may be sent, or the claim is lost. */
  public void onDrain(Runnable action) {
    drained = action;
    drain();
  }

  /**
   * Sends updates.
   *
   * @return completes when they are staged, which is not durable; fails when the claim is lost, or
   *     with {@link FailureCode#OVERLOADED} if {@link #isFull} was not heeded. The claim is given
   *     up if the updates are not taken in the time of {@link SessionSettings#giveUpMillis}
   */
  public Future<Taken> send(UpdateBlock rows) {
    return submit(rows, null, null);
  }

  /**
   * Announces that everything before {@code frontier} was sent.
   *
   * @param offset where the source then stands, as JSON text; told to whoever claims after it is
   *     durable
   * @return completes when the shard's upper has reached the frontier: everything before is
   *     durable. That takes as long as other partitions do; the claim is given up only if nobody
   *     has been heard of for the time of {@link SessionSettings#giveUpMillis}
   */
  public Future<Taken> advance(Antichain frontier, @Nullable String offset) {
    return submit(null, frontier, offset);
  }

  /** Gives the claim up. Whatever is unanswered fails. */
  public void close() {
    lose(new RefusedException(FailureCode.FENCED, "the claim was given up"));
  }

  private Future<Taken> submit(
      @Nullable UpdateBlock rows, @Nullable Antichain frontier, @Nullable String offset) {
    if (lost != null) {
      return Future.failedFuture(lost);
    }
    long bytes = rows == null ? 0 : rows.bytes();
    if (unanswered.size() >= settings.maxUnansweredMessages()
        || (!unanswered.isEmpty() && unansweredBytes + bytes > 2 * maxUnansweredBytes())) {
      return Future.failedFuture(
          new RefusedException(
              FailureCode.OVERLOADED,
              unanswered.size()
                  + " messages with "
                  + unansweredBytes
                  + " bytes are unanswered: wait before sending more"));
    }
    SubmitSource content =
        new SubmitSource(
            collection,
            claim.epoch(),
            partition,
            claim.session(),
            ++last,
            rows == null ? null : Rows.of(rows),
            frontier == null ? null : new Frontier(frontier),
            offset);
    Message message = new Message(content, bytes, nowMillis(), Promise.promise());
    unanswered.add(message);
    unansweredBytes += message.bytes();
    request(message);
    return message.taken().future();
  }

  private void request(Message message) {
    if (lost == null) {
      bus.request(Addresses.writer(claim.writer()), message.content(), settings.answerMillis())
          .onComplete(answer -> answered(message, answer));
    }
  }

  private void answered(Message message, AsyncResult<Object> answer) {
    if (lost != null) {
      return;
    }
    if (answer.succeeded()) {
      backoff.reset();
      heardMillis = nowMillis();
      remove(message);
      message.taken().complete((Taken) answer.result());
      drain();
      return;
    }
    RefusedException refused = RefusedException.of(answer.cause());
    switch (refused.code()) {
      case OUTCOME_UNKNOWN -> {
        askEpoch();
        requestLater(message, refused);
      }
      case OVERLOADED, SEQUENCE_GAP -> {
        heardMillis = nowMillis();
        requestLater(message, refused);
      }
      default -> lose(refused);
    }
  }

  private void requestLater(Message message, RefusedException refused) {
    if (isOverdue(message)) {
      lose(
          new RefusedException(
              FailureCode.OUTCOME_UNKNOWN,
              "message "
                  + message.content().sequence()
                  + " of partition "
                  + partition
                  + " of '"
                  + collection
                  + "' in epoch "
                  + claim.epoch()
                  + " was given up after "
                  + settings.giveUpMillis()
                  + " ms ("
                  + refused.getMessage()
                  + "): claim again, and resume from the upper"));
    } else {
      environment.timers().after(backoff.nextMillis(), () -> request(message));
    }
  }

  /** Updates are to be taken in time; a frontier waits for others, as long as they live. */
  private boolean isOverdue(Message message) {
    long since = message.content().frontier() == null ? message.sinceMillis() : heardMillis;
    return nowMillis() - since >= settings.giveUpMillis();
  }

  private void epochBegan(long epoch) {
    if (epoch > claim.epoch()) {
      lose(
          new RefusedException(
              FailureCode.STALE_EPOCH,
              "epoch " + claim.epoch() + " of '" + collection + "' is over: claim again"));
    }
  }

  private long nowMillis() {
    return environment.clock().monotonicMillis();
  }

  /**
   * No answer may be one that waits for the upper, or a writer that is gone: any other one knows.
   */
  private void askEpoch() {
    if (!asking) {
      asking = true;
      bus.request(Addresses.open(collection), new WhichEpoch(), settings.answerMillis())
          .onComplete(
              answer -> {
                asking = false;
                if (answer.succeeded()) {
                  heardMillis = nowMillis();
                  epochBegan(((CurrentEpoch) answer.result()).epoch());
                }
              });
    }
  }

  private void remove(Message message) {
    if (unanswered.remove(message)) {
      unansweredBytes -= message.bytes();
    }
  }

  private void lose(RefusedException cause) {
    if (lost == null) {
      lost = cause;
      Future<Void> unused = watch.close();
      List<Message> all = List.copyOf(unanswered);
      unanswered.clear();
      unansweredBytes = 0;
      all.forEach(message -> message.taken().fail(cause));
      drain();
    }
  }

  private void drain() {
    Runnable action = drained;
    if (action != null && (lost != null || !isFull())) {
      drained = null;
      action.run();
    }
  }
}
