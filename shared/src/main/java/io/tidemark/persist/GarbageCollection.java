package io.tidemark.persist;

import io.tidemark.location.Consensus;
import io.tidemark.location.Consensus.Version;
import io.vertx.core.Future;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Removes the past of a shard that no reader holds: up to its newest rollup that is not past any
 * reader's version. What the versions before that one named, and none from it on does, goes:
 *
 * <pre>
 *   1. parts      objects that were named before, and are not any more
 *   2. versions   of consensus, before the rollup
 *   3. rollups    objects of rollups before it: nothing can be caught up with from them any more
 *   4. state      forgets those rollups
 * </pre>
 *
 * <p>A crash between any two leaves what the next run finds again: parts are found in versions that
 * are still there, rollups in the state. Who runs at the same time, or is late, does nothing or the
 * same. Nothing rests on its being run.
 */
final class GarbageCollection {

  private final Machine machine;
  private final History history;
  private final Deletion deletion;
  private final Consensus consensus;

  GarbageCollection(Machine machine, History history, Deletion deletion, Consensus consensus) {
    this.machine = machine;
    this.history = history;
    this.deletion = deletion;
    this.consensus = consensus;
  }

  /** Whether there is anything to do, as far as this process knows. */
  boolean isDue() {
    ShardState state = machine.state();
    Long target = target(state);
    return target != null && target > state.rollups().firstKey();
  }

  private static @Nullable Long target(ShardState state) {
    return state.rollups().floorKey(state.seqnoSince());
  }

  /** Removes what can go. */
  Future<Collected> run() {
    Long target = target(machine.state());
    if (target == null || !isDue()) {
      return Future.succeededFuture(Collected.NOTHING);
    }
    return history.earliest().compose(earliest -> collect(earliest, target));
  }

  private Future<Collected> collect(Version earliest, long target) {
    if (earliest.seqno() > target) {
      return Future.succeededFuture(Collected.NOTHING); // somebody else is further
    }
    if (earliest.seqno() == target) {
      return forget(target); // somebody was interrupted here
    }
    return history
        .named(earliest, target, machine.state().rollups())
        .compose(
            named ->
                named.isEmpty() || mayBeNamedAgain(named.get())
                    ? Future.succeededFuture(Collected.NOTHING)
                    : remove(named.get(), target));
  }

  /**
   * A part that reaches past the upper is named again by the very next append, though a merge may
   * have taken it from the state meanwhile. Once there was another append, what it did not name
   * will not be named.
   */
  private static boolean mayBeNamedAgain(History.Named named) {
    return !named.newestUpper().isEmpty() && named.newestUpper().equals(named.upper());
  }

  private Future<Collected> remove(History.Named named, long target) {
    Set<String> garbage = new HashSet<>(named.before());
    garbage.removeAll(named.after());
    if (!Collections.disjoint(garbage, machine.state().trace().keys())) {
      throw new CorruptShardException(
          "shard "
              + machine.state().shard()
              + ": a part that is not named from version "
              + target
              + " on is in the state: nothing was deleted");
    }
    return deletion
        .all(garbage)
        .compose(
            deleted ->
                history.calling(() -> consensus.truncate(machine.state().shard().text(), target)))
        .compose(
            versions ->
                forget(target).map(done -> done.plus(new Collected(garbage.size(), 0, versions))));
  }

  private Future<Collected> forget(long target) {
    Map<Long, Rollup> old = Map.copyOf(machine.state().rollups().headMap(target));
    return deletion
        .all(old.values().stream().map(Rollup::key).toList())
        .compose(deleted -> machine.apply(new ForgetRollups(target)))
        .map(done -> new Collected(0, old.size(), 0));
  }
}
