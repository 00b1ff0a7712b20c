package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Loop;
import io.tidemark.location.DeterminateException;
import io.tidemark.persist.Batch.Compaction;
import io.tidemark.persist.consolidate.Consolidator;
import io.tidemark.persist.consolidate.ConsolidatorOptions;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes the updates of consecutive batches as one. Updates at or before the since are advanced to
 * it, and consolidated: each row once. Those after it cannot meet one of another time, so they go
 * straight from the old parts to the new ones. Memory is bounded, whatever the size. Belongs to one
 * context; used once.
 */
final class Rewrite {

  /** After so many updates others get their turn. */
  static final int SLICE_UPDATES = 100_000;

  /** How long a slice waits when an append does. */
  private static final long YIELD_MILLIS = 2;

  private static final int BLOCK_UPDATES = 1 << 14;
  private static final long BLOCK_BYTES = 4 << 20;

  private final MergeRequest request;
  private final long since;
  private final Parts parts;
  private final PartTarget target;
  private final Environment environment;
  private final BooleanSupplier appendWaits;
  private final PartStream stream;
  private final ArrayDeque<List<Part>> unread = new ArrayDeque<>();
  private final Promise<Batch> written = Promise.promise();
  private @Nullable Future<List<UpdateBlock>> ahead;
  private @Nullable Consolidator consolidator;

  /**
   * @param request what to rewrite; its since is a time
   * @param appendWaits whether an append waits for this context now
   */
  Rewrite(MergeRequest request, Parts parts, PartTarget target, BooleanSupplier appendWaits) {
    this.request = request;
    this.since = request.since().time();
    this.parts = parts;
    this.target = target;
    this.environment = target.environment();
    this.appendWaits = appendWaits;
    this.stream = new PartStream(target, BatchBuilder.Times.GIVEN, 0, bytes -> {});
    List<Part> inline = new ArrayList<>();
    for (SpineEntry entry : request.inputs()) {
      for (Part part : entry.batch().parts()) {
        if (part instanceof Part.Hollow) {
          unread.add(List.of(part));
        } else {
          inline.add(part);
        }
      }
    }
    if (!inline.isEmpty()) {
      unread.add(inline);
    }
  }

  /** The one batch, once all of its parts are durable. If it fails, its parts are deleted. */
  Future<Batch> run() {
    Loop.whileTrue(this::readStep)
        .compose(read -> Loop.whileTrue(this::writeStep))
        .compose(all -> stream.finish(since))
        .map(this::batch)
        .onComplete(this::ended);
    return written.future();
  }

  /** Stops, however much is done. */
  void giveUp(String why) {
    if (written.tryFail(new DeterminateException(why))) {
      Future<Void> unused = target.delete(stream.abandon());
    }
  }

  private void ended(AsyncResult<Batch> outcome) {
    Future<Void> unused = environment.offload().call(this::close);
    if (outcome.succeeded()) {
      if (!written.tryComplete(outcome.result())) {
        Future<Void> unusedLate = target.delete(outcome.result().keys());
      }
    } else {
      Future<Void> unusedDeleted = target.delete(stream.abandon());
      boolean unusedTold = written.tryFail(outcome.cause());
    }
  }

  private @Nullable Void close() {
    if (consolidator != null) {
      consolidator.close();
    }
    return null;
  }

  /** Takes one step in, while the next one is being fetched and decoded. False if there is none. */
  private Future<Boolean> readStep() {
    if (written.future().isComplete()) {
      return Future.failedFuture("the compaction was given up");
    }
    if (unread.isEmpty()) {
      return Future.succeededFuture(false);
    }
    Future<List<UpdateBlock>> current = ahead == null ? parts.read(unread.peek()) : ahead;
    unread.remove();
    ahead = unread.isEmpty() ? null : parts.read(unread.peek());
    return current.compose(
        blocks -> {
          ArrayDeque<UpdateBlock> left = new ArrayDeque<>(blocks);
          return Loop.whileTrue(() -> takeSlice(left)).map(true);
        });
  }

  private Future<Boolean> takeSlice(ArrayDeque<UpdateBlock> left) {
    if (left.isEmpty()) {
      return Future.succeededFuture(false);
    }
    List<UpdateBlock> slice = new ArrayList<>();
    for (int updates = 0; updates < SLICE_UPDATES && !left.isEmpty(); ) {
      updates += left.peek().size();
      slice.add(left.remove());
    }
    return turn()
        .compose(mine -> environment.offload().call(() -> laterThanSince(slice)))
        .compose(stream::addAll)
        .map(true);
  }

  /** Lets an append go first. */
  private Future<Void> turn() {
    if (!appendWaits.getAsBoolean()) {
      return Future.succeededFuture();
    }
    Promise<Void> later = Promise.promise();
    environment.timers().after(YIELD_MILLIS, later::complete);
    return later.future();
  }

  /** Consolidates what is at or before the since, and returns what is after it. */
  private List<UpdateBlock> laterThanSince(List<UpdateBlock> slice) {
    List<UpdateBlock> later = new ArrayList<>();
    for (UpdateBlock block : slice) {
      if (since == 0 || block.minTime() > since) {
        later.add(block);
      } else if (block.maxTime() <= since) {
        consolidate(block);
      } else {
        consolidate(block.select(i -> block.times().get(i) <= since));
        later.add(block.select(i -> block.times().get(i) > since));
      }
    }
    return later;
  }

  private void consolidate(UpdateBlock block) {
    if (consolidator == null) {
      CompactionOptions options = target.options().compaction();
      consolidator =
          new Consolidator(
              target.schema(),
              since,
              new ConsolidatorOptions(
                  options.memoryBytes(),
                  options.spillDirectory().resolve("compaction-" + environment.entropy().nextId()),
                  BLOCK_UPDATES,
                  BLOCK_BYTES));
    }
    consolidator.add(block);
  }

  /** Writes the next of what was consolidated. False if there is none. */
  private Future<Boolean> writeStep() {
    Consolidator from = consolidator;
    if (from == null) {
      return Future.succeededFuture(false);
    }
    return turn()
        .compose(mine -> environment.offload().call(() -> Optional.ofNullable(from.next())))
        .compose(
            block ->
                block.isEmpty()
                    ? Future.succeededFuture(false)
                    : stream.add(block.get()).map(true));
  }

  private Batch batch(List<PartStream.Closed> closed) {
    List<Part> all = new ArrayList<>();
    for (PartStream.Closed part : closed) {
      all.add(part.part(part.range(), null));
    }
    return new Batch(request.description(), all, new Compaction(since, Math.min(1, all.size())));
  }
}
