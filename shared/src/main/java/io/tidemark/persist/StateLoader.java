package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Loop;
import io.tidemark.location.Blob;
import io.tidemark.location.Consensus;
import io.tidemark.location.Consensus.Version;
import io.tidemark.row.Schema;
import io.vertx.core.Future;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Brings a shard's state into memory: its newest rollup, and the versions after it. */
final class StateLoader {

  /** How many versions are read at once. */
  static final int PAGE = 256;

  private final ShardId shard;
  private final Blob blob;
  private final Consensus consensus;
  private final Environment environment;

  StateLoader(ShardId shard, Blob blob, Consensus consensus, Environment environment) {
    this.shard = shard;
    this.blob = blob;
    this.consensus = consensus;
    this.environment = environment;
  }

  /** A state, and how many bytes of versions were applied since its rollup. */
  static final class Loaded {
    private ShardState state;
    private long diffBytes;

    Loaded(ShardState state) {
      this.state = state;
    }

    ShardState state() {
      return state;
    }

    long diffBytes() {
      return diffBytes;
    }

    void apply(StateDiff diff, int bytes) {
      Rollup before = state.rollup();
      state.apply(diff);
      diffBytes = before.equals(state.rollup()) ? diffBytes + bytes : 0;
    }
  }

  /** The shard's newest state; creates the shard if there is none. */
  Future<Loaded> open(Schema schema) {
    return consensus
        .head(shard.text())
        .compose(head -> head.isPresent() ? load(head.get()) : create(schema));
  }

  /**
   * The newest state of a shard that exists.
   *
   * @throws CorruptShardException (in the future) if it does not exist
   */
  Future<Loaded> reload() {
    return consensus.head(shard.text()).compose(head -> load(existing(head)));
  }

  private Version existing(Optional<Version> head) {
    return head.orElseThrow(
        () -> new CorruptShardException("shard " + shard + " has no state in consensus"));
  }

  /**
   * Writes the first rollup, then the version that names it. Whoever loses the race takes the
   * winner's state; its own rollup is an orphan that no version names.
   */
  private Future<Loaded> create(Schema schema) {
    long wallMillis = environment.clock().wallMillis();
    String key = rollupKey(0);
    ShardState.Contents first =
        new ShardState(shard, schema, wallMillis, new Rollup(0, key, 0, 0)).contents();
    byte[] encoded = StateCodec.encode(first);
    Rollup rollup = new Rollup(0, key, encoded.length, crc32c(encoded));
    StateDiff diff = new StateDiff.Builder().build(0, wallMillis, rollup);
    return blob.set(key, encoded)
        .compose(
            stored ->
                consensus.compareAndSet(shard.text(), new Version(0, StateCodec.encode(diff))))
        .compose(won -> reload());
  }

  private Future<Loaded> load(Version head) {
    return rolledUp(head).compose(state -> catchUp(new Loaded(state)));
  }

  private Future<ShardState> newest() {
    return consensus.head(shard.text()).compose(head -> rolledUp(existing(head)));
  }

  /**
   * The newest rollup that a version knows of. If it is missing, and a newer one is known by now,
   * it was collected while it was asked for, and the newer one is taken.
   */
  private Future<ShardState> rolledUp(Version version) {
    Sought sought = new Sought(newestRollup(version));
    return Loop.whileTrue(() -> seek(sought)).map(found -> sought.result());
  }

  /** A rollup that is being looked for. */
  private static final class Sought {
    private Rollup rollup;
    private @Nullable ShardState state;

    Sought(Rollup rollup) {
      this.rollup = rollup;
    }

    ShardState result() {
      return Objects.requireNonNull(state);
    }
  }

  private Future<Boolean> seek(Sought sought) {
    return blob.get(sought.rollup.key())
        .compose(
            bytes -> {
              if (bytes.isPresent()) {
                sought.state = decode(sought.rollup, bytes.get());
                return Future.succeededFuture(false);
              }
              return consensus.head(shard.text()).map(head -> seekNewer(sought, existing(head)));
            });
  }

  private boolean seekNewer(Sought sought, Version head) {
    Rollup newer = newestRollup(head);
    if (newer.equals(sought.rollup)) {
      throw new CorruptShardException(
          "shard " + shard + ": rollup " + newer.key() + " is missing from the blob store");
    }
    sought.rollup = newer;
    return true;
  }

  /** The newest rollup that a version knows of. */
  Rollup newestRollup(Version version) {
    return StateCodec.decodeDiff(shard, version.data()).rollup();
  }

  /** The state that a rollup holds; empty if its object is gone. */
  Future<Optional<ShardState>> at(Rollup rollup) {
    return blob.get(rollup.key())
        .compose(
            bytes ->
                environment.offload().call(() -> bytes.map(present -> decode(rollup, present))));
  }

  /** The versions from {@code from} on that consensus still holds, at most a page of them. */
  Future<List<Version>> versions(long from) {
    return consensus.scan(shard.text(), from, PAGE);
  }

  /** The oldest version that consensus still holds. */
  Future<Version> earliest() {
    return consensus
        .scan(shard.text(), 0, 1)
        .map(versions -> existing(versions.stream().findFirst()));
  }

  private ShardState decode(Rollup rollup, byte[] bytes) {
    if (bytes.length != rollup.bytes() || crc32c(bytes) != rollup.crc32c()) {
      throw new CorruptShardException(
          "shard "
              + shard
              + ": rollup "
              + rollup.key()
              + " is damaged: its checksum does not match");
    }
    return new ShardState(StateCodec.decodeState(shard, bytes), rollup);
  }

  /**
   * Applies the versions that {@code loaded} has not seen. If some of those were truncated, a newer
   * rollup stands for them.
   */
  Future<Loaded> catchUp(Loaded loaded) {
    return Loop.whileTrue(() -> page(loaded)).map(loaded);
  }

  private Future<Boolean> page(Loaded loaded) {
    return consensus
        .scan(shard.text(), loaded.state.seqno() + 1, PAGE)
        .compose(versions -> apply(loaded, versions));
  }

  private Future<Boolean> apply(Loaded loaded, List<Version> versions) {
    if (!versions.isEmpty() && versions.get(0).seqno() != loaded.state.seqno() + 1) {
      return newest()
          .map(
              newer -> {
                loaded.state = newer;
                loaded.diffBytes = 0;
                return true;
              });
    }
    for (Version version : versions) {
      loaded.apply(StateCodec.decodeDiff(shard, version.data()), version.data().length);
    }
    return Future.succeededFuture(versions.size() == PAGE);
  }

  String rollupKey(long seqno) {
    return shard + "/" + seqno + "/r" + environment.entropy().nextId();
  }

  static int crc32c(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length);
    return (int) crc.getValue();
  }
}
