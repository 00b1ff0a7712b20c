package io.tidemark.persist;

import io.tidemark.environment.CrashPoint;
import io.tidemark.persist.InvalidUsageException.Rule;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.row.BlockCodec;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns a stream of blocks into batches. What stays small is carried inline; what passes a bound is
 * streamed into parts while it arrives, so a batch of any size, even at one time, takes bounded
 * memory. Belongs to one context; encoding and storing happen elsewhere.
 *
 * <p>A block counts as held from {@link #add} until its part is durable, or it has been cut into an
 * inline part; {@code released} is told the bytes of blocks that are held no more.
 */
public final class BatchBuilder {

  private final PartTarget target;
  private final Times times;
  private final LongConsumer released;
  private final List<PartStream.Closed> carried = new ArrayList<>();
  private final List<PartStream> streams = new ArrayList<>();
  private List<UpdateBlock> buffer = new ArrayList<>();
  private long bufferedBytes;
  private Antichain lower;
  private @Nullable PartStream stream;
  private Future<Batch> lastCut = Future.succeededFuture();

  /** Where the times of updates come from. */
  public enum Times {
    /** Each update has its own. A cut takes what lies below its upper; the rest stays. */
    GIVEN,
    /** All updates of a cut get one time, the last of its range. A cut takes everything. */
    AT_CUT
  }

  /**
   * A builder whose first cut begins at {@code lower}.
   *
   * @param target where parts go
   * @param released is told, in bytes of blocks, what is held no more
   */
  public BatchBuilder(PartTarget target, Antichain lower, Times times, LongConsumer released) {
    this.target = target;
    this.lower = lower;
    this.times = times;
    this.released = released;
  }

  /**
   * Adds updates.
   *
   * @return completes when more may be added: at once while the updates fit in the buffer, else
   *     when they are encoded
   * @throws InvalidUsageException if an update lies before the lower of the next cut
   */
  public Future<Void> add(UpdateBlock block) {
    if (times == Times.GIVEN) {
      checkNotBeforeLower(block);
    }
    if (stream != null) {
      return stream.add(block);
    }
    buffer.add(block);
    bufferedBytes += block.bytes();
    return bufferedBytes < target.options().spillBytes() ? Future.succeededFuture() : spill();
  }

  private void checkNotBeforeLower(UpdateBlock block) {
    for (int i = 0; i < block.size(); i++) {
      if (!lower.lessEqual(block.times().get(i))) {
        throw new InvalidUsageException(
            Rule.UPDATE_NOT_BEYOND_LOWER,
            "an update at " + block.times().get(i) + " lies before " + lower);
      }
    }
  }

  /** Begins to stream what is buffered into a part. Completes when it is encoded. */
  public Future<Void> spill() {
    CrashPoint.W2.reached(target.environment());
    PartStream open = stream == null ? newStream(lower) : stream;
    stream = open;
    Future<Void> encoded = open.addAll(buffer);
    buffer = new ArrayList<>();
    bufferedBytes = 0;
    return encoded;
  }

  private PartStream newStream(Antichain from) {
    return new PartStream(target, times, from.isEmpty() ? 0 : from.time(), released);
  }

  /**
   * Makes parts of what is held, however little it is, so that its memory is given back once they
   * are durable.
   */
  public void flush() {
    if (!buffer.isEmpty()) {
      Future<Void> unused = spill();
    }
    if (stream != null) {
      stream.flush();
    }
  }

  /** The bytes of blocks that are held and not described yet. */
  public long heldBytes() {
    return bufferedBytes + (stream == null ? 0 : stream.heldBytes());
  }

  /**
   * The batch of everything that was added and lies below the upper of {@code description}. Cuts
   * ascend; where updates have times of their own, without a gap. Updates may be added again at
   * once, at or past that upper.
   *
   * @return the batch, once all of its parts are durable
   */
  public Future<Batch> cut(BatchDescription description) {
    boolean follows =
        times == Times.AT_CUT
            ? lower.lessEqual(description.lower())
            : lower.equals(description.lower());
    if (!follows) {
      throw new InvalidUsageException(
          Rule.BATCH_BOUNDS, "cut " + description + " does not begin at " + lower);
    }
    lower = description.upper();
    PartStream open = stream;
    stream = null;
    List<Part> inline = List.of();
    if (open == null) {
      List<UpdateBlock> below = takeBelow(description.upper());
      long bytes = bytes(below);
      if (bytes < target.options().inlinePartBytes()) {
        inline = inline(description, below);
        released.accept(bytes);
      } else {
        open = newStream(description.lower());
        Future<Void> unused = open.addAll(below);
      }
    }
    return register(description, inline, open);
  }

  /** Cuts are registered in order, since a part may reach from one into the next. */
  private Future<Batch> register(
      BatchDescription description, List<Part> inline, @Nullable PartStream closing) {
    Future<Batch> before = lastCut;
    Future<List<PartStream.Closed>> closed = Future.succeededFuture(List.of());
    if (closing != null) {
      streams.add(closing);
      closed = closing.finish(lastTime(description));
    }
    lastCut =
        closed.compose(
            parts -> before.map(done -> registered(description, inline, closing, parts)));
    return lastCut;
  }

  private Batch registered(
      BatchDescription description,
      List<Part> inline,
      @Nullable PartStream closing,
      List<PartStream.Closed> closed) {
    if (closing != null) {
      streams.remove(closing);
    }
    carried.addAll(closed);
    List<Part> parts = new ArrayList<>();
    Iterator<PartStream.Closed> each = carried.iterator();
    while (each.hasNext()) {
      PartStream.Closed part = each.next();
      if (times == Times.AT_CUT) {
        parts.add(part.rewritten(lastTime(description)));
        each.remove();
        continue;
      }
      BatchDescription within = part.within(description);
      if (within != null) {
        parts.add(part.part(within, null));
      }
      if (!description.upper().lessEqual(part.maxTime())) {
        each.remove();
      }
    }
    parts.addAll(inline);
    return new Batch(description, parts);
  }

  /**
   * Drops everything that was not cut, and deletes its parts as far as the store lets it. Nothing
   * can be added any more.
   */
  public Future<Void> discard() {
    // What is carried over is in a batch that was cut: it may be in the shard, and stays.
    List<String> keys = new ArrayList<>();
    if (stream != null) {
      streams.add(stream);
    }
    for (PartStream each : streams) {
      keys.addAll(each.abandon());
    }
    released.accept(bufferedBytes);
    buffer = new ArrayList<>();
    bufferedBytes = 0;
    carried.clear();
    return target.delete(keys);
  }

  /** The time that all updates of a cut get where they have none of their own. */
  private static long lastTime(BatchDescription description) {
    return description.upper().isEmpty() ? Antichain.MAX_TIME : description.upper().time() - 1;
  }

  private List<UpdateBlock> takeBelow(Antichain upper) {
    List<UpdateBlock> all = buffer;
    buffer = new ArrayList<>();
    bufferedBytes = 0;
    if (times == Times.AT_CUT || upper.isEmpty()) {
      return all;
    }
    List<UpdateBlock> below = new ArrayList<>();
    for (UpdateBlock block : all) {
      add(below, block.select(i -> !upper.lessEqual(block.times().get(i))));
      add(buffer, block.select(i -> upper.lessEqual(block.times().get(i))));
    }
    bufferedBytes = bytes(buffer);
    // What a block takes is not quite the sum of what its halves take.
    released.accept(bytes(all) - bytes(below) - bufferedBytes);
    return below;
  }

  private static void add(List<UpdateBlock> blocks, UpdateBlock block) {
    if (!block.isEmpty()) {
      blocks.add(block);
    }
  }

  private static long bytes(List<UpdateBlock> blocks) {
    long sum = 0;
    for (UpdateBlock block : blocks) {
      sum += block.bytes();
    }
    return sum;
  }

  private List<Part> inline(BatchDescription description, List<UpdateBlock> blocks) {
    if (blocks.isEmpty()) {
      return List.of();
    }
    UpdateBlock block = blocks.get(0);
    if (blocks.size() > 1) {
      UpdateBlockBuilder all = new UpdateBlockBuilder(target.schema());
      blocks.forEach(each -> all.copyAll(each));
      block = all.build();
    }
    if (times == Times.AT_CUT) {
      block = block.at(lastTime(description));
    }
    BatchDescription bounds =
        new BatchDescription(Antichain.of(block.minTime()), Antichain.of(block.maxTime() + 1));
    return List.of(
        new Part.Inline(
            BlockCodec.encode(block), block.size(), bounds, null, target.registered().id()));
  }
}
