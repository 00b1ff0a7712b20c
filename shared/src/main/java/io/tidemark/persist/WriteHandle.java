package io.tidemark.persist;

import io.tidemark.persist.AppendOutcome.InlineBackpressure;
import io.tidemark.persist.AppendOutcome.SequenceMismatch;
import io.tidemark.persist.AppendOutcome.UpperMismatch;
import io.tidemark.persist.InvalidUsageException.Rule;
import io.tidemark.progress.Antichain;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * One epoch's right to append to a shard. It ends when another epoch begins, wherever: from then on
 * every append is {@link AppendOutcome.Fenced}. Belongs to one context.
 */
public final class WriteHandle {

  private final Machine machine;
  private final InlineFlush flush;
  private final Appends appends;
  private final PartTarget target;
  private final Upkeep upkeep;
  private final HistoryUpkeep history;
  private final StartEpoch.Started started;

  WriteHandle(
      Machine machine,
      InlineFlush flush,
      PartTarget target,
      StartEpoch.Started started,
      Upkeep upkeep,
      HistoryUpkeep history,
      Appends appends) {
    this.machine = machine;
    this.flush = flush;
    this.target = target;
    this.started = started;
    this.upkeep = upkeep;
    this.history = history;
    this.appends = appends;
  }

  /** Makes the command of an append. A test may break it on purpose, to see that it is missed. */
  interface Appends {
    CompareAndAppend command(WriterId writer, String token, Append append, PersistOptions options);
  }

  /** The number of this epoch. */
  public long epoch() {
    return started.epoch();
  }

  /** The shard's upper when this epoch began. */
  public Antichain startUpper() {
    return started.upper();
  }

  /** Where this epoch's parts go. */
  public PartTarget target() {
    return target;
  }

  /** Whether this epoch is still the current one, as consensus says now. */
  public Future<Boolean> isCurrent() {
    return machine.refresh().map(done -> machine.state().writer(target.writer()) != null);
  }

  /** Whether the shard has a newer schema than this epoch writes, as far as this process knows. */
  public boolean isOutdated() {
    return machine.state().schemas().newest().id() > target.registered().id();
  }

  /** How far a producer has been committed, as far as this process knows. */
  public Position position(String producer) {
    return machine.state().positions().getOrDefault(producer, Position.NONE);
  }

  /** How many producers the shard remembers. */
  public int producers() {
    return machine.state().positions().size();
  }

  /** By source partition, where its source stands, as JSON text. */
  public Map<String, String> offsets() {
    return Map.copyOf(machine.state().offsets());
  }

  /**
   * Appends iff the shard's upper stands at the append's lower, and commits the producers' advances
   * in the same step.
   *
   * <p>An append whose outcome the store did not tell is tried again with the same token, so that
   * it is applied once. If that stays unknown for the time of the retry policy, the future fails
   * with an {@code IndeterminateException}: nothing may then be deleted, and a new epoch finds out.
   *
   * @throws InvalidUsageException (in the future) if the range is none, or a part reaches out of it
   *     or is not one of this writer's
   */
  public Future<AppendOutcome> compareAndAppend(Append append) {
    try {
      check(append);
    } catch (InvalidUsageException e) {
      return Future.failedFuture(e);
    }
    String token = "i" + target.environment().entropy().nextId();
    boolean isTooLarge =
        append.lower().lessThan(append.upper())
            && append.inlineBytes() > target.options().inlineAppendBytes();
    Future<AppendOutcome> tried =
        isTooLarge ? Future.succeededFuture(new InlineBackpressure()) : tryAppend(token, append);
    return tried
        .compose(
            outcome ->
                outcome instanceof InlineBackpressure
                    ? flush(append).compose(flushed -> tryAppend(token, flushed))
                    : Future.succeededFuture(outcome))
        .onSuccess(
            outcome -> {
              upkeep.afterAppend();
              history.afterAppend();
            });
  }

  /**
   * Deletes the parts of an append that was surely not committed, as far as the store lets it. A
   * part that may reach from an append before into this one may be in the shard, and stays.
   */
  public Future<Void> delete(Append append) {
    Set<String> keys = new TreeSet<>();
    for (Part part : append.parts()) {
      if (part instanceof Part.Hollow hollow && !mayReachFromBefore(hollow, append)) {
        keys.add(hollow.key());
      }
    }
    keys.removeAll(machine.state().trace().keys());
    return target.delete(List.copyOf(keys));
  }

  /** Also if the state does not name it any more: an older version may, and somebody read that. */
  private static boolean mayReachFromBefore(Part.Hollow part, Append append) {
    return part.rewrite() == null && part.bounds().lower().equals(append.lower());
  }

  /**
   * From now on, and as long as appends come, times that lie further than {@code distance} before
   * the upper need not stay readable. What other readers hold stays all the same.
   *
   * @param distance in the unit of the times; of {@code ingest} mode, in milliseconds
   */
  public void retain(long distance) {
    if (distance < 0) {
      throw new IllegalArgumentException("a retention of " + distance);
    }
    history.retain(distance);
  }

  /**
   * Rewrites the shard's parts until they are one run: each row once, of what lies at or before the
   * since. Takes as long as reading and writing all of them; appends go on beside it.
   *
   * @return fails with a {@link FencedException} if another epoch has begun, with a {@link
   *     CorruptShardException} if a part is missing or damaged
   */
  public Future<Void> compact() {
    return upkeep.compaction().all();
  }

  /** What compactions have done in this process since this epoch began. */
  public CompactionCounts compactions() {
    return upkeep.compaction().counts();
  }

  /** Ends the upkeep that goes beside appends. The epoch itself ends when the next one begins. */
  public void close() {
    upkeep.stop();
    history.stop();
  }

  /** What the state in memory refuses is decided once more on the newest one. */
  private Future<AppendOutcome> tryAppend(String token, Append append) {
    return apply(token, append)
        .compose(
            outcome ->
                outcome instanceof UpperMismatch || outcome instanceof SequenceMismatch
                    ? machine.refresh().compose(done -> apply(token, append))
                    : Future.succeededFuture(outcome));
  }

  private Future<AppendOutcome> apply(String token, Append append) {
    return machine.apply(appends.command(target.writer(), token, append, target.options()));
  }

  private void check(Append append) {
    if (append.lower().lessThan(append.upper())) {
      Batch batch = append.batch();
      String prefix = PartTarget.prefix(target.shard(), target.writer());
      for (Part part : batch.parts()) {
        if (part instanceof Part.Hollow hollow && !hollow.key().startsWith(prefix)) {
          throw new InvalidUsageException(
              Rule.BATCH_NOT_FROM_THIS_SHARD,
              "part " + hollow.key() + " is not one of writer " + target.writer());
        }
        if (Part.schemaId(part) > target.registered().id()) {
          throw new InvalidUsageException(
              Rule.BATCH_NOT_FROM_THIS_SHARD,
              "a part of schema "
                  + Part.schemaId(part)
                  + " is not one of an epoch of "
                  + target.registered());
        }
      }
    }
  }

  /**
   * The same append with its inline parts in an object: the state carries too many bytes already.
   */
  private Future<Append> flush(Append append) {
    return flush.flush(append.batch()).map(flushed -> append.withParts(flushed.parts()));
  }
}
