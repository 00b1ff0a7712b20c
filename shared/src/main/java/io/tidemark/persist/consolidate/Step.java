package io.tidemark.persist.consolidate;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.tidemark.row.Vector;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The updates of a range of times, to be handed on in blocks so that whoever has some of the blocks
 * can get the rest from somewhere else. First {@link #add} everything, then take {@link #next}
 * until it is null.
 *
 * <p>What is small is one block, as it came. What is not is consolidated, each time for itself, and
 * given in the order of the rows' hashes: compaction changes in which parts updates lie and in
 * which order, but not what they add up to, so that order is the same for ever and everywhere.
 *
 * <p>Does CPU and file work once it is no longer small ({@link #isSmallWith}): then it is not for
 * event loops. One thread at a time.
 */
public final class Step implements AutoCloseable {

  private final Schema schema;
  private final Schema timed;
  private final long smallBytes;
  private final ConsolidatorOptions options;
  private final RowOffset after;
  private final List<UpdateBlock> small = new ArrayList<>();
  private long bytes;
  private @Nullable Consolidator consolidator;

  /**
   * A step without updates.
   *
   * @param smallBytes up to how many bytes it is one block
   * @param options what it may use if it is not small
   * @param after the update after which its blocks begin; then it counts as large. Null for all
   */
  public Step(
      Schema schema, long smallBytes, ConsolidatorOptions options, @Nullable RowOffset after) {
    this.schema = schema;
    this.timed = schema.withTimeColumn();
    this.smallBytes = smallBytes;
    this.options = options;
    this.after = after == null ? RowOffset.START : after;
    if (after != null) {
      enlarge();
    }
  }

  /**
   * Some updates of the step.
   *
   * @param offset where the last of them stands in it; null if these are all
   */
  public record Piece(UpdateBlock updates, @Nullable RowOffset offset) {}

  /** Whether nothing was added. */
  public boolean isEmpty() {
    return small.isEmpty() && consolidator == null;
  }

  /** Whether the step is, and stays with another block, so small that no work is to be done. */
  public boolean isSmallWith(UpdateBlock block) {
    return consolidator == null && bytes + block.bytes() <= smallBytes;
  }

  /** Whether {@link #next} has no work to do. */
  public boolean isSmall() {
    return consolidator == null;
  }

  /** Adds updates; fails as {@link Consolidator#add} does. */
  public void add(UpdateBlock block) {
    if (block.isEmpty()) {
      return;
    }
    if (isSmallWith(block)) {
      bytes += block.bytes();
      small.add(block);
      return;
    }
    Consolidator large = consolidator == null ? enlarge() : consolidator;
    large.add(withTimeColumn(block));
  }

  @CanIgnoreReturnValue
  private Consolidator enlarge() {
    Consolidator large = Consolidator.ordered(timed, 0, options, after);
    consolidator = large;
    small.forEach(block -> large.add(withTimeColumn(block)));
    small.clear();
    return large;
  }

  /** The next updates; null once there are no more. Fails as {@link Consolidator#next} does. */
  public @Nullable Piece next() {
    if (consolidator != null) {
      UpdateBlock block = consolidator.next();
      return block == null ? null : new Piece(withoutTimeColumn(block), consolidator.offset());
    }
    if (small.isEmpty()) {
      return null;
    }
    UpdateBlock all = small.get(0);
    if (small.size() > 1) {
      UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
      small.forEach(builder::copyAll);
      all = builder.build();
    }
    small.clear();
    return new Piece(all, null);
  }

  private UpdateBlock withTimeColumn(UpdateBlock block) {
    List<Vector> columns = columns(block, schema.size());
    columns.add(block.times());
    return new UpdateBlock(
        timed, columns, Vector.Longs.constant(block.size(), 0), block.diffs(), block.errors());
  }

  private UpdateBlock withoutTimeColumn(UpdateBlock block) {
    Vector.Longs times = (Vector.Longs) block.column(schema.size());
    return new UpdateBlock(
        schema, columns(block, schema.size()), times, block.diffs(), block.errors());
  }

  private static List<Vector> columns(UpdateBlock block, int count) {
    List<Vector> columns = new ArrayList<>();
    for (int c = 0; c < count; c++) {
      columns.add(block.column(c));
    }
    return columns;
  }

  /** Gives back what the step took. Does nothing the second time. */
  @Override
  public void close() {
    small.clear();
    if (consolidator != null) {
      consolidator.close();
    }
  }
}
