package io.tidemark.sim;

import io.tidemark.environment.Loop;
import io.tidemark.location.ExternalException;
import io.tidemark.persist.LeaseExpiredException;
import io.tidemark.persist.Listen;
import io.tidemark.persist.ListenEvent;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.ShardId;
import io.tidemark.persist.Snapshot;
import io.tidemark.persist.SnapshotOptions;
import io.tidemark.persist.Subscription;
import io.tidemark.persist.UnreadableTimeException;
import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * An application that reads the stores itself: it has the contents at some time, and then every
 * change, for as long as its lease lasts. Now and then a process that has never looked before reads
 * the contents at the time that the application is at, and has to find the same.
 */
final class FollowerActor implements Application {

  /** Who has lost its lease learns of it this soon, unless it is paused. */
  private static final long NOTICED_MILLIS = 20_000;

  private static final int COMPARED_ONE_IN = 12;

  private final String name;
  private final Cluster cluster;
  private final ShardId shard;
  private final List<Followed> lives = new ArrayList<>();
  private Node node;
  private boolean comparing;
  private long compared;
  private long lapsed;

  FollowerActor(String name, Cluster cluster, ShardId shard) {
    this.name = name;
    this.cluster = cluster;
    this.shard = shard;
  }

  String collection() {
    return name;
  }

  /** What it was told, each time it began anew. */
  List<Followed> lives() {
    return lives;
  }

  /** How often what it had was compared with what somebody else read. */
  long compared() {
    return compared;
  }

  /** How often it was told that its lease is over. */
  long lapsed() {
    return lapsed;
  }

  Node node() {
    return node;
  }

  boolean hasComeTo(Antichain upper) {
    return !lives.isEmpty() && upper.lessEqual(last().frontier());
  }

  private Followed last() {
    return lives.get(lives.size() - 1);
  }

  @Override
  public void crash() {
    node.crash();
  }

  @Override
  public void start() {
    Node on = cluster.client("follower of " + name);
    node = on;
    follow(on, cluster.persist(on));
  }

  private void follow(Node on, PersistClient persist) {
    Followed followed = new Followed();
    persist
        .open(shard, Rows.SCHEMA, on.environment())
        .compose(open -> open.openReader("simulation"))
        .compose(reader -> reader.subscribe(OptionalLong.empty(), options()))
        .compose(opened -> follow(opened, followed))
        .onFailure(
            cause -> {
              allowed(cause);
              long millis = 100L + cluster.random().nextInt(1_000);
              on.after(1_000_000L * millis, () -> follow(on, persist));
            });
  }

  private Future<Void> follow(Subscription opened, Followed followed) {
    followed.startedAt(opened.snapshot().asOf());
    return read(opened.snapshot(), followed::add)
        .onSuccess(done -> lives.add(followed))
        .compose(done -> changes(opened.listen(), followed));
  }

  private Future<Void> changes(Listen listen, Followed followed) {
    return Loop.whileTrue(() -> listen.next().map(event -> took(event, followed)));
  }

  /** False once nothing more can come. */
  private boolean took(ListenEvent event, Followed followed) {
    if (event instanceof ListenEvent.Updates updates) {
      followed.add(updates.block());
    } else if (event instanceof ListenEvent.Progress progress) {
      followed.progress(progress.frontier());
      if (!comparing && cluster.random().nextInt(COMPARED_ONE_IN) == 0) {
        compare(followed);
      }
    }
    return !followed.frontier().isEmpty();
  }

  private void compare(Followed followed) {
    comparing = true;
    long asOf = followed.asOf();
    long expected = followed.contentsAt(asOf);
    List<UpdateBlock> blocks = new ArrayList<>();
    Node other = cluster.client("reader of " + name);
    cluster
        .persist(other)
        .open(shard, Rows.SCHEMA, other.environment())
        .compose(open -> open.snapshot(OptionalLong.of(asOf), options()))
        .compose(snapshot -> read(snapshot, blocks::add))
        .onComplete(
            done -> {
              comparing = false;
              if (done.succeeded()) {
                compared++;
                check(Followed.contents(blocks) == expected, "other contents at " + asOf);
              } else if (done.cause() instanceof UnreadableTimeException) {
                hasLapsed(followed, done.cause());
              } else {
                allowed(done.cause());
              }
            });
  }

  /** A time that a follower holds cannot be read: then it must have lost its lease. */
  private void hasLapsed(Followed followed, Throwable cause) {
    Node on = node;
    on.after(
        NOTICED_MILLIS * 1_000_000,
        () -> check(on != node || last() != followed, name + " is followed, but " + cause));
  }

  private void allowed(Throwable cause) {
    if (cause instanceof LeaseExpiredException) {
      lapsed++;
    } else if (!(cause instanceof ExternalException)) {
      cluster.fail(new AssertionError("the follower of " + name, cause));
    }
  }

  private void check(boolean holds, String otherwise) {
    if (!holds) {
      cluster.fail(new AssertionError("the follower of " + name + ": " + otherwise));
    }
  }

  static SnapshotOptions options() {
    return new SnapshotOptions(1 << 20, Path.of("unused"), 1_000, 100);
  }

  private static Future<Void> read(Snapshot snapshot, Consumer<UpdateBlock> blocks) {
    return Loop.whileTrue(
            () ->
                snapshot
                    .next()
                    .map(
                        block -> {
                          block.ifPresent(blocks);
                          return block.isPresent();
                        }))
        .eventually(snapshot::close);
  }

  @Override
  public String toString() {
    return "follower of " + name + " at " + (lives.isEmpty() ? "none" : last().frontier());
  }
}
