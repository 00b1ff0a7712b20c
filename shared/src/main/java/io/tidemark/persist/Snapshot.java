package io.tidemark.persist;

import io.tidemark.environment.Entropy;
import io.tidemark.environment.Loop;
import io.tidemark.environment.Offload;
import io.tidemark.persist.consolidate.Consolidator;
import io.tidemark.persist.consolidate.ConsolidatorOptions;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The contents of a collection at one time: each distinct row once, with its multiplicity as the
 * diff. The same for ever, whoever reads it. Memory is bounded, whatever the size. Belongs to one
 * context; must be closed.
 */
public final class Snapshot {

  private final long asOf;
  private final VersionedSchema schema;
  private final Parts parts;
  private final Offload offload;
  private final Consolidator consolidator;
  private final Runnable closed;
  private final ArrayDeque<List<Part>> unread;
  private @Nullable Future<List<UpdateBlock>> ahead;
  private @Nullable Throwable failure;

  /**
   * @param schema of the rows
   * @param closed is run when the parts are not needed any more
   */
  Snapshot(
      long asOf,
      VersionedSchema schema,
      List<Batch> batches,
      Parts parts,
      Offload offload,
      Consolidator consolidator,
      Runnable closed) {
    this.asOf = asOf;
    this.schema = schema;
    this.parts = parts;
    this.offload = offload;
    this.consolidator = consolidator;
    this.closed = closed;
    this.unread = steps(asOf, batches);
  }

  static ConsolidatorOptions consolidation(SnapshotOptions options, Entropy entropy) {
    return new ConsolidatorOptions(
        options.memoryBytes(),
        options.spillDirectory().resolve("snapshot-" + entropy.nextId()),
        options.blockUpdates(),
        SnapshotOptions.BLOCK_BYTES);
  }

  /** The parts to read, one hollow one at a time, inline ones together. */
  private static ArrayDeque<List<Part>> steps(long asOf, List<Batch> batches) {
    ArrayDeque<List<Part>> steps = new ArrayDeque<>();
    List<Part> inline = new ArrayList<>();
    for (Batch batch : batches) {
      for (Part part : batch.parts()) {
        if (!part.bounds().lower().lessEqual(asOf)) {
          continue;
        }
        if (part instanceof Part.Hollow) {
          steps.add(List.of(part));
        } else {
          inline.add(part);
        }
      }
    }
    if (!inline.isEmpty()) {
      steps.add(inline);
    }
    return steps;
  }

  /** The time that this is the contents of; -1 if nothing is complete yet. */
  public long asOf() {
    return asOf;
  }

  /** The newest schema when this was begun: all rows are of it, whenever they were written. */
  public VersionedSchema schema() {
    return schema;
  }

  /**
   * The next rows, in blocks; empty, for ever, once there are no more. One call at a time.
   *
   * @return fails with a {@link CorruptShardException} if a part is missing or damaged, and with a
   *     {@link LeaseExpiredException} if it is gone because nobody heard of the reader for too
   *     long. After a failure every call fails: what is left is not the contents
   */
  public Future<Optional<UpdateBlock>> next() {
    if (failure != null) {
      return Future.failedFuture(failure);
    }
    return Loop.whileTrue(this::readStep)
        .compose(read -> offload.call(() -> Optional.ofNullable(consolidator.next())))
        .onFailure(cause -> failure = cause);
  }

  /** Takes one step in, while the next one is being fetched and decoded. False if there is none. */
  private Future<Boolean> readStep() {
    if (unread.isEmpty()) {
      return Future.succeededFuture(false);
    }
    Future<List<UpdateBlock>> current = ahead == null ? parts.read(unread.peek()) : ahead;
    unread.remove();
    ahead = unread.isEmpty() ? null : parts.read(unread.peek());
    return current.compose(
        blocks ->
            offload.call(
                () -> {
                  blocks.forEach(this::add);
                  return true;
                }));
  }

  private void add(UpdateBlock block) {
    boolean all = block.maxTime() <= asOf;
    consolidator.add(all ? block : block.select(i -> block.times().get(i) <= asOf));
  }

  /** Gives back what the reading took. */
  public Future<Void> close() {
    unread.clear();
    closed.run();
    return offload.call(
        () -> {
          consolidator.close();
          return null;
        });
  }
}
