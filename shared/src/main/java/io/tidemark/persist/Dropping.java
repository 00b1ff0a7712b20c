package io.tidemark.persist;

import io.tidemark.location.Blob;
import io.tidemark.location.Consensus;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ends a shard and removes what it was made of. What is left for ever are two versions, which say
 * that it was dropped, and the rollup that they name. Interrupted anywhere, it goes on when it is
 * called again; several may do it at once, and what they leave of each other goes the next time.
 */
final class Dropping {

  private static final Pattern ROLLUP = Pattern.compile("[^/]+/([0-9]{1,18})/r.+");

  private final Machine machine;
  private final RollUp rollUp;
  private final History history;
  private final Deletion deletion;
  private final Blob blob;
  private final Consensus consensus;

  Dropping(
      Machine machine,
      RollUp rollUp,
      History history,
      Deletion deletion,
      Blob blob,
      Consensus consensus) {
    this.machine = machine;
    this.rollUp = rollUp;
    this.history = history;
    this.deletion = deletion;
    this.blob = blob;
    this.consensus = consensus;
  }

  Future<Void> run(Drop drop) {
    return machine
        .refresh()
        .compose(done -> machine.apply(drop))
        .compose(done -> isRolledUp() ? Future.succeededFuture() : rollUp.run(() -> {}))
        .compose(done -> machine.refresh())
        .compose(done -> history.calling(this::truncate))
        .compose(done -> history.calling(this::leftOver))
        .compose(deletion::all);
  }

  /** Of a tombstone nothing but its rollup is committed. */
  private boolean isRolledUp() {
    ShardState state = machine.state();
    return state.rollups().size() == 1 && state.seqno() == state.rollup().seqno() + 1;
  }

  private Future<Long> truncate() {
    ShardState state = machine.state();
    return consensus.truncate(state.shard().text(), state.rollup().seqno());
  }

  /** Nothing is read or written any more: all that is not the rollup is garbage. */
  private Future<List<String>> leftOver() {
    String kept = machine.state().rollup().key();
    List<String> keys = new ArrayList<>();
    return blob.list(
            machine.state().shard() + "/",
            entry -> {
              if (!entry.key().equals(kept) && !isNewerRollup(entry.key())) {
                keys.add(entry.key());
              }
            })
        .map(keys);
  }

  /** Somebody who does the same may be about to add it, and then it is the one to be kept. */
  private boolean isNewerRollup(String key) {
    Matcher rollup = ROLLUP.matcher(key);
    return rollup.matches() && Long.parseLong(rollup.group(1)) > machine.state().rollup().seqno();
  }
}
