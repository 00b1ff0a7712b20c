package io.tidemark.mint;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.protocol.Messages.Numbered;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides the batch descriptions of one epoch: contiguous, ascending, never overlapping. Pure: it
 * knows the time only as it is told.
 *
 * <p>Invariants: the lower of a description is the upper of the one before it, the first one's is
 * the shard's upper at the beginning of the epoch; at most {@link MintSettings#maxInFlight} are
 * open; after one with an empty upper there is none.
 */
abstract class Minter {

  private final MintSettings settings;
  private final ArrayDeque<Numbered> open = new ArrayDeque<>();
  private Antichain upper;
  private long number;

  Minter(MintSettings settings, Antichain upper) {
    this.settings = settings;
    this.upper = upper;
  }

  final MintSettings settings() {
    return settings;
  }

  /** The upper of the last description. */
  final Antichain upper() {
    return upper;
  }

  /** The number of the last description, 0 before the first. */
  final long number() {
    return number;
  }

  /** The descriptions that are not committed, oldest first. */
  final List<Numbered> open() {
    return List.copyOf(open);
  }

  /** Everything up to description {@code committed} is in the shard. */
  final void committed(long committed) {
    while (!open.isEmpty() && open.peek().number() <= committed) {
      open.remove();
    }
  }

  /**
   * Mints a description, if one is due.
   *
   * @param wallMillis the wall clock
   * @param nowMillis the monotonic clock
   * @return the new description, or null
   */
  final @Nullable Numbered mint(long wallMillis, long nowMillis) {
    if (open.size() >= settings.maxInFlight() || upper.isEmpty()) {
      return null;
    }
    return mint(next(wallMillis, nowMillis));
  }

  /**
   * Mints a description of what writers hold now, due or not, if they hold something: the last one
   * before the epoch ends as planned.
   *
   * @return whether that is done; false if too many are open yet
   */
  final boolean mintLast(long wallMillis) {
    if (open.size() >= settings.maxInFlight()) {
      return false;
    }
    if (!upper.isEmpty()) {
      mint(last(wallMillis));
    }
    return true;
  }

  @CanIgnoreReturnValue
  private @Nullable Numbered mint(@Nullable Antichain next) {
    if (next == null || !upper.lessThan(next)) {
      return null;
    }
    number++;
    Numbered minted = new Numbered(number, new BatchDescription(upper, next), writers());
    upper = next;
    open.add(minted);
    return minted;
  }

  /** The upper of the next description, or null if none is due. */
  abstract @Nullable Antichain next(long wallMillis, long nowMillis);

  /** The upper of a description of what is held, or null if nothing is. */
  abstract @Nullable Antichain last(long wallMillis);

  /** Who gives a token for the description whose number is the last now; null for everybody. */
  abstract @Nullable List<String> writers();

  /** In how many milliseconds a description may become due without any message; -1 for never. */
  abstract long dueInMillis(long nowMillis);
}
