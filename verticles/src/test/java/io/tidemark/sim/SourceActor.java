package io.tidemark.sim;

import io.tidemark.client.SessionSettings;
import io.tidemark.client.SourcePartition;
import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.Future;
import java.util.List;

/**
 * A definite source: what it has at each time is a function of the time. It runs ahead of its
 * frontier, crashes, and resumes from the upper, or from somewhere before it.
 */
final class SourceActor implements Application {

  /** The source has something at the times below this; then it ends. */
  static final long END = 400;

  private final int partition;
  private final Cluster cluster;
  private Node node;
  private SourcePartition claim;
  private long next;
  private long announced;
  private boolean hurrying;
  private boolean done;

  SourceActor(int partition, Cluster cluster) {
    this.partition = partition;
    this.cluster = cluster;
  }

  /** What a partition has at one time. */
  static void at(int partition, long time, UpdateBlockBuilder into) {
    String sender = "s" + partition;
    for (long k = 0; k < time % 4; k++) {
      Rows.set(into, sender, time * 10 + k);
      into.row(time, 1 + k % 2);
    }
    if (time % 5 == 0 && time > 5) {
      Rows.set(into, sender, (time - 2) * 10);
      into.row(time, -1);
    }
    if (time % 17 == 0) {
      into.error(sender + " cannot read " + time, time, 1);
    }
  }

  /** Everything that a partition ever has, at or before a time. */
  static List<UpdateBlock> upTo(int partition, long time) {
    UpdateBlockBuilder all = new UpdateBlockBuilder(Rows.SCHEMA);
    for (long t = 0; t <= Math.min(time, END - 1); t++) {
      at(partition, t, all);
    }
    return List.of(all.build());
  }

  @Override
  public void start() {
    node = cluster.client("source" + partition);
    claim(node);
  }

  /** Whether the collection has ended, as far as this source was told. */
  boolean isDone() {
    return done;
  }

  /** Where it is, for whoever looks for what went wrong. */
  @Override
  public String toString() {
    return "source "
        + partition
        + " next "
        + next
        + " announced "
        + announced
        + (claim == null
            ? " without a claim"
            : " claimed at " + claim.upper() + ", full: " + claim.isFull());
  }

  @Override
  public void crash() {
    node.crash();
  }

  /** Goes to the end as fast as it can. */
  void hurry() {
    hurrying = true;
  }

  private void claim(Node on) {
    claim = null;
    SourcePartition.claim(
            "ticks",
            partition,
            on.environment(),
            cluster.bus(on),
            new SessionSettings(8_000, 40, 1_200, 600_000, 5, 300))
        .onComplete(
            claimed -> {
              if (claimed.failed()) {
                throw new AssertionError(
                    "partition " + partition + " could not be claimed", claimed.cause());
              }
              claim = claimed.result();
              resume();
              step(on, claim);
            });
  }

  private void resume() {
    Antichain upper = claim.upper();
    done |= upper.isEmpty();
    long from = upper.isEmpty() ? END : upper.time();
    String offset = claim.offset();
    if (offset != null && Long.parseLong(offset) > from) {
      throw new AssertionError("offset " + offset + " is past the upper " + upper);
    }
    // Now and then it goes back further than it has to: what is in the shard must be dropped.
    next = cluster.random().nextInt(3) == 0 ? Math.max(0, from - 7) : from;
    announced = next;
  }

  private void step(Node on, SourcePartition current) {
    if (claim != current) {
      return;
    }
    if (!current.isFull() && !current.upper().isEmpty()) {
      work(on, current);
    }
    int millis = hurrying ? 2 : 1 + cluster.random().nextInt(120);
    on.after(1_000_000L * millis, () -> step(on, current));
  }

  private void work(Node on, SourcePartition current) {
    if (next < END) {
      UpdateBlockBuilder rows = new UpdateBlockBuilder(Rows.SCHEMA);
      for (int i = 1 + cluster.random().nextInt(4); i > 0 && next < END; i--) {
        at(partition, next++, rows);
      }
      if (rows.size() > 0) {
        watch(on, current, current.send(rows.build()).mapEmpty());
      }
    }
    // The frontier trails behind what was sent, sometimes far.
    // One that has claimed at its very end still has to say that it has ended.
    boolean hasMore = announced < next || next == END;
    if (!current.isFull() && hasMore && (next == END || cluster.random().nextInt(3) > 0)) {
      announced = next == END ? END : announced + 1 + cluster.random().nextLong(next - announced);
      watch(
          on,
          current,
          current.advance(Antichain.of(announced), String.valueOf(announced)).mapEmpty());
      if (announced == END) {
        watch(
            on,
            current,
            current.advance(Antichain.empty(), null).onSuccess(ended -> done = true).mapEmpty());
        next++; // nothing more to do
        announced = next;
      }
    }
  }

  private void watch(Node on, SourcePartition current, Future<Void> done) {
    done.onFailure(
        lost -> {
          if (claim == current) {
            claim = null;
            on.after(1_000_000L * (1 + cluster.random().nextInt(50)), () -> claim(on));
          }
        });
  }
}
