package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Loop;
import io.tidemark.environment.Retry;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.ExternalException;
import io.tidemark.progress.Antichain;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the versions that consensus still holds have named: replayed from the stores alone, off the
 * event loop, so that it takes time and memory only as large as the state.
 */
final class History {

  private final StateLoader loader;
  private final Environment environment;
  private final Retry.Policy retry;

  History(StateLoader loader, Environment environment, Retry.Policy retry) {
    this.loader = loader;
    this.environment = environment;
    this.retry = retry;
  }

  /** Calls a store, and tries again where that helps. */
  <T> Future<T> calling(Supplier<Future<T>> call) {
    return Retry.of(environment, retry, ExternalException.class::isInstance, call);
  }

  /** The oldest version that consensus still holds. */
  Future<Version> earliest() {
    return calling(loader::earliest);
  }

  /**
   * What versions named, up to one of them and from it on.
   *
   * @param before the parts that were named by some version up to that one
   * @param after the parts that are named by that one or by some version after it
   * @param upper the upper as of that one
   * @param newestUpper the upper as of the newest version
   */
  record Named(Set<String> before, Set<String> after, Antichain upper, Antichain newestUpper) {}

  /**
   * Replays from {@code earliest} to the newest version.
   *
   * @param at the version that divides before from after
   * @param rollups those that the state knows; one of them is of the earliest version
   * @return empty if somebody else removes what is to be read at the same time
   */
  Future<Optional<Named>> named(Version earliest, long at, NavigableMap<Long, Rollup> rollups) {
    Rollup base = rollups.getOrDefault(earliest.seqno(), rollupOf(earliest));
    if (base.seqno() != earliest.seqno()) {
      // What it was is not known any more, so nothing can be told from it.
      return Future.succeededFuture(Optional.empty());
    }
    return calling(() -> loader.at(base))
        .compose(
            state -> {
              if (state.isEmpty()) {
                return Future.succeededFuture(Optional.empty());
              }
              Replay replay = new Replay(state.get(), at);
              return Loop.whileTrue(() -> page(replay)).map(done -> replay.result());
            });
  }

  /** The rollup that a version names: the very first one names its own. */
  Rollup rollupOf(Version version) {
    return loader.newestRollup(version);
  }

  private Future<Boolean> page(Replay replay) {
    return calling(() -> loader.versions(replay.next))
        .compose(versions -> environment.offload().call(() -> replay.take(versions)));
  }

  /** One replay. Used by one thread after the other. */
  private static final class Replay {
    private final long at;
    private final Set<String> before = new HashSet<>();
    private final Set<String> after = new HashSet<>();
    private @Nullable ShardState state;
    private final ShardId shard;
    private @Nullable Antichain upper;
    private Antichain newestUpper;
    private boolean torn;
    private long next;

    Replay(ShardState base, long at) {
      this.at = at;
      this.state = base;
      this.shard = base.shard();
      this.next = base.seqno() + 1;
      this.newestUpper = base.upper();
      before.addAll(base.trace().keys());
      reachEnd();
    }

    /** Takes versions; whether there may be more. */
    boolean take(List<Version> versions) {
      for (Version version : versions) {
        if (version.seqno() != next) {
          torn = true;
          return false;
        }
        StateDiff diff = StateCodec.decodeDiff(shard, version.data());
        if (diff.pushed() != null) {
          newestUpper = diff.pushed().description().upper();
        }
        if (state == null) {
          after.addAll(diff.addedKeys());
        } else {
          before.addAll(diff.addedKeys());
          state.apply(diff);
          reachEnd();
        }
        next++;
      }
      return versions.size() == StateLoader.PAGE;
    }

    /** From the version that divides on, only what is added counts. */
    private void reachEnd() {
      ShardState now = Objects.requireNonNull(state);
      if (now.seqno() == at) {
        upper = now.upper();
        after.addAll(now.trace().keys());
        state = null;
      }
    }

    Optional<Named> result() {
      return torn || upper == null
          ? Optional.empty()
          : Optional.of(new Named(before, after, upper, newestUpper));
    }
  }
}
