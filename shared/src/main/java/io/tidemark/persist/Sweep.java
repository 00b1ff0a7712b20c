package io.tidemark.persist;

import io.tidemark.location.Blob;
import io.tidemark.location.Consensus.Version;
import io.tidemark.persist.References.Kind;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Deletes the objects of a shard that nothing names and nothing ever will: what processes left
 * behind that died, or that lost a race. No clock is asked.
 *
 * <p>First the objects are listed, then the state is read. A part that was listed was uploaded
 * after its writer was registered. So if the writer is not registered <em>then</em>, it was and is
 * not any more, and it never will be again: whatever it has not committed by then it never will.
 * What such a writer has uploaded and no version from the oldest on names is garbage. What a
 * registered writer has uploaded stays: it may be about to be committed. A rollup is refused once
 * there is a newer one; so one that is not newer, and that the state does not know, is garbage.
 */
final class Sweep {

  /** The most objects that one sweep deletes; the next goes on. Bounds its memory. */
  static final int MAX_SWEPT = 50_000;

  private final Machine machine;
  private final History history;
  private final Deletion deletion;
  private final Blob blob;

  Sweep(Machine machine, History history, Deletion deletion, Blob blob) {
    this.machine = machine;
    this.history = history;
    this.deletion = deletion;
    this.blob = blob;
  }

  /** Deletes what is garbage. */
  Future<Collected> run() {
    return history
        .calling(this::list)
        .compose(
            found ->
                found.isEmpty()
                    ? Future.succeededFuture(Collected.NOTHING)
                    : machine.refresh().compose(done -> judge(found)));
  }

  private Future<List<ObjectName>> list() {
    // A part that is left out here because of the state before is only left for the next sweep.
    ShardId shard = machine.state().shard();
    References known = references(Set.of(), "");
    List<ObjectName> found = new ArrayList<>();
    return blob.list(
            ObjectName.prefix(shard),
            entry -> {
              ObjectName object = ObjectName.parse(shard, entry.key());
              if (object != null && found.size() < MAX_SWEPT && mayBeGarbage(known, object)) {
                found.add(object);
              }
            })
        .map(found);
  }

  /** A rollup that is not known yet may have been overtaken by the time that it is judged. */
  private static boolean mayBeGarbage(References known, ObjectName object) {
    Kind kind = known.kind(object);
    return kind == Kind.GARBAGE || (kind == Kind.IN_FLIGHT && object.writer() == null);
  }

  private References references(Set<String> live, String base) {
    ShardState state = machine.state();
    return new References(state, state.trace().keys(), live, base);
  }

  private Future<Collected> judge(List<ObjectName> found) {
    return history.earliest().compose(earliest -> judge(found, earliest));
  }

  private Future<Collected> judge(List<ObjectName> found, Version earliest) {
    String base = history.rollupOf(earliest).key();
    return history
        .named(earliest, earliest.seqno(), machine.state().rollups())
        .compose(
            named ->
                named.isEmpty()
                    ? Future.succeededFuture(Collected.NOTHING)
                    : delete(found, named.get().after(), base));
  }

  /**
   * @param base the rollup that the oldest version names, which the state may not know
   */
  private Future<Collected> delete(List<ObjectName> found, Set<String> live, String base) {
    References references = references(live, base);
    List<String> parts = new ArrayList<>();
    List<String> rollups = new ArrayList<>();
    for (ObjectName object : found) {
      if (references.kind(object) == Kind.GARBAGE) {
        (object.writer() == null ? rollups : parts).add(object.key());
      }
    }
    return deletion
        .all(parts)
        .compose(done -> deletion.all(rollups))
        .map(done -> new Collected(parts.size(), rollups.size(), 0));
  }
}
