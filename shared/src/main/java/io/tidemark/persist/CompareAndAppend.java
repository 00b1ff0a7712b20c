package io.tidemark.persist;

import io.tidemark.persist.AppendOutcome.Committed;
import io.tidemark.persist.AppendOutcome.Fenced;
import io.tidemark.persist.AppendOutcome.InlineBackpressure;
import io.tidemark.persist.AppendOutcome.SequenceMismatch;
import io.tidemark.persist.AppendOutcome.UpperMismatch;
import io.tidemark.persist.InvalidUsageException.Rule;
import io.tidemark.progress.Antichain;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Appends a batch, and moves its producers, iff the shard's upper stands where the batch begins and
 * the writer is still registered. The order of the checks is part of the contract.
 *
 * <p>A token that is new for each append, and kept in the state with the writer, tells whether an
 * append has been applied when nobody answered.
 */
class CompareAndAppend implements Command<AppendOutcome> {

  /** How many idle producers one append forgets at most, so that its cost stays small. */
  static final int MAX_FORGOTTEN = 16;

  /**
   * How long an append is tried at most: less than consensus may answer nothing before the lease is
   * given up, so that whoever appends is still there to delete what surely was not committed.
   */
  static final long MAX_MILLIS = 6_000;

  private final WriterId writer;
  private final String token;
  private final Append append;
  private final PersistOptions options;

  CompareAndAppend(WriterId writer, String token, Append append, PersistOptions options) {
    this.writer = writer;
    this.token = token;
    this.append = append;
    this.options = options;
  }

  @Override
  public long timeoutMillis(long generalMillis) {
    return Math.min(generalMillis, MAX_MILLIS);
  }

  @Override
  public Decision<AppendOutcome> decide(ShardState state, long wallMillis) {
    AppendOutcome refused = refusal(state);
    if (refused != null) {
      return new Break<>(refused);
    }
    StateDiff.Builder changes = new StateDiff.Builder();
    if (!append.lower().equals(append.upper())) {
      changes.push(append.batch());
    }
    changes.writer(writer, new WriterState(state.epoch(), token, append.upper()));
    advance(state, changes, wallMillis);
    append.offsets().forEach(changes::offset);
    forgetIdle(state, changes, wallMillis);
    return new Commit<>(changes, new Committed(append.upper()));
  }

  private @Nullable AppendOutcome refusal(ShardState state) {
    WriterState registered = state.writer(writer);
    if (registered == null && fences()) {
      return new Fenced(state.epoch());
    }
    if (state.isTombstone()) {
      return new UpperMismatch(append.lower(), Antichain.empty());
    }
    if (append.upper().lessThan(append.lower())) {
      throw new InvalidUsageException(
          Rule.BOUNDS, "upper " + append.upper() + " lies before lower " + append.lower());
    }
    if (append.upper().equals(append.lower()) && !append.parts().isEmpty()) {
      throw new InvalidUsageException(
          Rule.EMPTY_TIME_INTERVAL, "updates for a range that holds no time: " + append.lower());
    }
    if (registered != null && isApplied(registered.token())) {
      return new Committed(append.upper());
    }
    if (!state.upper().equals(append.lower())) {
      return new UpperMismatch(append.lower(), state.upper());
    }
    SequenceMismatch mismatch = sequenceMismatch(state);
    if (mismatch != null) {
      return mismatch;
    }
    long inlineBytes = append.inlineBytes();
    if (inlineBytes > 0
        && state.trace().inlineBytes() + inlineBytes >= options.inlineTotalBytes()) {
      return new InlineBackpressure();
    }
    return null;
  }

  /** Whether a writer that is not registered is refused. Always, but for a test that breaks it. */
  boolean fences() {
    return true;
  }

  /** Whether the writer's last token says that this append is in the state already. */
  boolean isApplied(@Nullable String lastToken) {
    return token.equals(lastToken);
  }

  @Nullable SequenceMismatch sequenceMismatch(ShardState state) {
    for (Map.Entry<String, Advance> advance : append.advances().entrySet()) {
      long committed = position(state, advance.getKey()).sequence();
      if (advance.getValue().first() != committed + 1) {
        return new SequenceMismatch(advance.getKey(), committed, advance.getValue().first());
      }
    }
    return null;
  }

  private void advance(ShardState state, StateDiff.Builder changes, long wallMillis) {
    append
        .advances()
        .forEach(
            (producer, advance) -> {
              long before = position(state, producer).updates();
              changes.position(
                  producer,
                  new Position(
                      advance.last(),
                      before + advance.updates(),
                      advance.time(),
                      advance.instance(),
                      wallMillis));
            });
  }

  private static Position position(ShardState state, String producer) {
    return state.positions().getOrDefault(producer, Position.NONE);
  }

  private void forgetIdle(ShardState state, StateDiff.Builder changes, long wallMillis) {
    Iterator<Map.Entry<String, Position>> idle = state.positions().entrySet().iterator();
    for (int i = 0; i < MAX_FORGOTTEN && idle.hasNext(); i++) {
      Map.Entry<String, Position> producer = idle.next();
      if (producer.getValue().touchedMillis() + options.producerRetentionMillis() >= wallMillis) {
        return;
      }
      if (!append.advances().containsKey(producer.getKey())) {
        changes.forget(producer.getKey());
      }
    }
  }
}
