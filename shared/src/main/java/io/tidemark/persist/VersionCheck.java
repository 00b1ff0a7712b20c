package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Loop;
import io.tidemark.location.Consensus.Version;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads every version that consensus holds and every rollup that they name, and compares the one
 * with the other: the first time for the names of the rollups, the second time to replay. Memory is
 * that of the state, of a page of versions and of a rollup.
 */
final class VersionCheck {

  private final ShardId shard;
  private final StateLoader loader;
  private final History history;
  private final Environment environment;
  private final Findings findings;
  private final TreeMap<Long, Rollup> rollups = new TreeMap<>();
  private final ArrayDeque<Version> unread = new ArrayDeque<>();

  /** What may have been collected meanwhile. */
  private final List<Suspect> suspects = new ArrayList<>();

  private @Nullable ShardState state;
  private long first = -1;
  private long next;
  private long versions;
  private int read;
  private boolean atEnd;

  VersionCheck(
      ShardId shard,
      StateLoader loader,
      History history,
      Environment environment,
      Findings findings) {
    this.shard = shard;
    this.loader = loader;
    this.history = history;
    this.environment = environment;
    this.findings = findings;
  }

  /** Something that is missing, unless the shard has forgotten that version by now. */
  private record Suspect(long seqno, Finding finding) {}

  long versions() {
    return versions;
  }

  int rollups() {
    return read;
  }

  /** The newest state; empty if there is none, or it cannot be told. */
  Future<Optional<ShardState>> run() {
    return Loop.whileTrue(this::namePage)
        .compose(
            named -> {
              if (first < 0) {
                return Future.succeededFuture();
              }
              beginAtFirst();
              return Loop.whileTrue(this::step);
            })
        .compose(done -> judge())
        .map(done -> Optional.ofNullable(state));
  }

  private void beginAtFirst() {
    rollups.headMap(first).clear(); // of what is collected, or is just being
    next = first;
    if (!rollups.containsKey(first)) {
      suspects.add(
          new Suspect(
              first,
              new Finding(
                  "version " + first,
                  "is the oldest, and no rollup of it is named",
                  "versions up to the next rollup cannot be replayed",
                  Finding.CONSENSUS_FROM_BACKUP)));
    }
  }

  private Future<Boolean> namePage() {
    return history
        .calling(() -> loader.versions(next))
        .compose(page -> environment.offload().call(() -> name(page)));
  }

  private boolean name(List<Version> page) {
    for (Version version : page) {
      first = first < 0 ? version.seqno() : first;
      next = version.seqno() + 1;
      name(version);
    }
    return page.size() == StateLoader.PAGE;
  }

  private void name(Version version) {
    try {
      Rollup rollup = loader.newestRollup(version);
      rollups.put(rollup.seqno(), rollup);
    } catch (CorruptShardException e) {
      // Found again, and told, when it is replayed.
    }
  }

  /** Takes versions up to the next one of which there is a rollup, and looks at that. */
  private Future<Boolean> step() {
    return (unread.isEmpty() ? fill() : Future.<Void>succeededFuture())
        .compose(filled -> environment.offload().call(this::takeToRollup))
        .compose(
            rollup ->
                rollup.isPresent() ? compareWith(rollup.get()) : Future.<Void>succeededFuture())
        .map(done -> !unread.isEmpty() || !atEnd);
  }

  private Future<Void> fill() {
    return history
        .calling(() -> loader.versions(next))
        .map(
            page -> {
              unread.addAll(page);
              atEnd = page.size() < StateLoader.PAGE;
              return null;
            });
  }

  private Optional<Rollup> takeToRollup() {
    while (!unread.isEmpty()) {
      Version version = unread.remove();
      take(version);
      Rollup rollup = rollups.get(version.seqno());
      if (rollup != null) {
        return Optional.of(rollup);
      }
    }
    return Optional.empty();
  }

  private void take(Version version) {
    if (version.seqno() != next) {
      suspects.add(new Suspect(next, missing(next, version.seqno())));
      state = null;
    }
    versions++;
    next = version.seqno() + 1;
    try {
      StateDiff diff = StateCodec.decodeDiff(shard, version.data());
      if (state != null) {
        state.apply(diff);
      }
    } catch (CorruptShardException | IllegalArgumentException | IllegalStateException e) {
      state = null;
      findings.add(
          new Finding(
              "version " + version.seqno(),
              "cannot be applied",
              String.valueOf(e.getMessage()),
              Finding.CONSENSUS_FROM_BACKUP));
    }
  }

  private static Finding missing(long from, long to) {
    String subject = to - from == 1 ? "version " + from : "versions " + from + " to " + (to - 1);
    return new Finding(
        subject,
        to - from == 1 ? "is missing from consensus" : "are missing from consensus",
        "what was committed there is not known",
        Finding.CONSENSUS_FROM_BACKUP);
  }

  private Future<Void> compareWith(Rollup rollup) {
    return history
        .calling(() -> loader.at(rollup))
        .compose(found -> environment.offload().call(() -> compared(rollup, found)))
        .recover(cause -> damaged(rollup, cause));
  }

  private @Nullable Void compared(Rollup rollup, Optional<ShardState> found) {
    if (found.isEmpty()) {
      suspects.add(new Suspect(rollup.seqno(), gone(rollup)));
      return null;
    }
    read++;
    ShardState stored = found.get();
    if (state != null && !isSame(state, stored)) {
      findings.add(
          new Finding(
              "rollup " + rollup.key(),
              "does not hold the state that the versions before it come to",
              "who opens the collection from here has another state than who went on",
              Finding.CONSENSUS_FROM_BACKUP));
    }
    state = stored; // what whoever opens the shard goes on from
    return null;
  }

  /** By their encoding: two states of the same updates are the same bytes. */
  private static boolean isSame(ShardState replayed, ShardState stored) {
    return Arrays.equals(
        StateCodec.encode(replayed.contents()), StateCodec.encode(stored.contents()));
  }

  private Finding gone(Rollup rollup) {
    return new Finding(
        "rollup " + rollup.key(), "is missing", consequence(rollup), Finding.RESTORE);
  }

  private Future<Void> damaged(Rollup rollup, Throwable cause) {
    if (!(cause instanceof CorruptShardException)) {
      return Future.failedFuture(cause);
    }
    findings.add(
        new Finding(
            "rollup " + rollup.key(),
            "is damaged (" + cause.getMessage() + ")",
            consequence(rollup),
            Finding.FROM_BACKUP));
    return Future.succeededFuture();
  }

  private String consequence(Rollup rollup) {
    return rollup.seqno() == rollups.lastKey()
        ? "no node can open the collection any more"
        : "garbage collection cannot replay from version " + rollup.seqno();
  }

  /** What lies before the oldest version there is now was collected, and is no fault. */
  private Future<Void> judge() {
    if (suspects.isEmpty()) {
      return Future.succeededFuture();
    }
    return history
        .earliest()
        .map(
            earliest -> {
              for (Suspect suspect : suspects) {
                if (suspect.seqno() < earliest.seqno()) {
                  findings.disturb();
                } else {
                  findings.add(suspect.finding());
                }
              }
              return null;
            });
  }
}
