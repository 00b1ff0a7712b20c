package io.tidemark.persist.consolidate;

import io.tidemark.location.DeterminateException;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.Vector;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sums the updates of a collection: each distinct row (or error text) once, with the sum of its
 * diffs, at one time. What sums to 0 vanishes. First {@link #add} everything, then take {@link
 * #next} until it is null.
 *
 * <p>Two rows are the same iff all columns are: a null equals a null, strings and bytes equal byte
 * for byte, floats equal as numbers, so that every NaN is one value and -0.0 is 0.0. That is how
 * blocks are built; here it holds for blocks from elsewhere too, so that a retraction meets its
 * row.
 *
 * <p>Sums are exact to 96 bits while they grow, so only the final one must fit in 64: it does not
 * matter in which order diffs come.
 *
 * <p>Rows are kept in memory, in the order of their first appearance, and given in it. When the
 * memory is full, the sums so far are written to files, one per range of hashes, and each file is
 * consolidated on its own at the end, divided further if it does not fit either. Rows then come in
 * another order, the same one for the same input. An {@link #ordered} consolidation gives them in
 * the order of their hashes instead, which is a matter of the rows alone: who has some of them can
 * go on from there with another consolidation of the same contents.
 *
 * <p>Does CPU and file work: not for event loops. One thread at a time. A consolidation that failed
 * has deleted its files and can only be closed.
 */
public final class Consolidator implements AutoCloseable {

  private static final int MIN_CHUNK_BYTES = 1 << 14;
  private static final int MAX_CHUNK_BYTES = 1 << 17;

  /** Larger writes gain nothing. */
  private static final int MAX_BUFFER_BYTES = 1 << 17;

  private final Schema schema;
  private final long time;
  private final ConsolidatorOptions options;
  private final Tuning tuning;
  private final RowLayout layout;
  private final MemoryBudget memory;
  private final RowPacker packer;
  private final RowChunk chunk;
  private final RowTable table;
  private final RowUnpacker unpacker;
  private final SpillDirectory directory;
  private final @Nullable RowOffset after;
  private RowOffset offset = RowOffset.START;
  private final Deque<SpillFile> pending = new ArrayDeque<>();
  private byte @Nullable [][] buffers;
  private @Nullable SpillPartitions partitions;
  private @Nullable RecordCursor output;
  private boolean closed;

  /**
   * A consolidation of updates at {@code time} or before.
   *
   * @param time what the updates that it gives are stamped with
   */
  public Consolidator(Schema schema, long time, ConsolidatorOptions options) {
    this(schema, time, options, Tuning.PRODUCTION);
  }

  Consolidator(Schema schema, long time, ConsolidatorOptions options, Tuning tuning) {
    this(schema, time, options, tuning, null);
  }

  /**
   * A consolidation that gives its rows in the order of their hashes.
   *
   * @param after where to begin: after that row
   */
  public static Consolidator ordered(
      Schema schema, long time, ConsolidatorOptions options, RowOffset after) {
    return new Consolidator(schema, time, options, Tuning.PRODUCTION, after);
  }

  Consolidator(
      Schema schema,
      long time,
      ConsolidatorOptions options,
      Tuning tuning,
      @Nullable RowOffset after) {
    this.after = after;
    this.schema = schema;
    this.time = time;
    this.options = options;
    this.tuning = tuning;
    this.layout = new RowLayout(schema);
    this.memory = new MemoryBudget(options.memoryBytes());
    int chunkBytes =
        (int) Math.max(MIN_CHUNK_BYTES, Math.min(options.memoryBytes() / 16, MAX_CHUNK_BYTES));
    this.packer = new RowPacker(layout);
    this.chunk = new RowChunk(chunkBytes);
    int bits = after == null ? 0 : Integer.numberOfTrailingZeros(tuning.fanOut());
    this.table = new RowTable(memory, tuning.hash(), layout, bits);
    this.unpacker = new RowUnpacker(layout, time, options.blockUpdates(), options.blockBytes());
    this.directory = new SpillDirectory(options.spillDirectory(), tuning.opener());
    reserveAlways(
        RowPacker.bytes()
            + RowTable.bytes()
            + RecordBatch.bytes()
            + RowChunk.bytes(chunkBytes)
            + (long) tuning.fanOut() * bufferBytes());
  }

  /** The buffers of all partitions take an eighth of the memory at most. */
  private int bufferBytes() {
    long share = options.memoryBytes() / 8 / tuning.fanOut() & -8L;
    return (int) Math.min(share, MAX_BUFFER_BYTES);
  }

  private void reserveAlways(long bytes) {
    if (!memory.reserve(bytes)) {
      throw tooSmall("its buffers of " + bytes + " bytes");
    }
  }

  /**
   * Adds the updates of a block.
   *
   * @throws IllegalArgumentException if the block has another schema or an update after the time
   * @throws MemoryTooSmallException if a row takes more than a quarter of the memory
   * @throws DeterminateException if a spill file cannot be written
   */
  public void add(UpdateBlock block) {
    checkOpen();
    if (output != null) {
      throw new IllegalStateException("the consolidation gives its result already");
    }
    checkBlock(block);
    try {
      int from = 0;
      while (from < block.size()) {
        int packed = packer.pack(block, from, chunk);
        if (packed == 0) {
          growChunk(packer.recordBytes(block, from), 0);
        } else {
          addChunk();
          from += packed;
        }
      }
    } catch (RuntimeException | Error e) {
      closeAfter(e);
      throw e;
    }
  }

  private void checkBlock(UpdateBlock block) {
    if (!block.schema().equals(schema)) {
      throw new IllegalArgumentException(
          "a block of " + block.schema() + " does not belong to a collection of " + schema);
    }
    Vector.Longs times = block.times();
    int checked = times.isConstant() ? Math.min(1, block.size()) : block.size();
    long latest = Long.MIN_VALUE;
    for (int i = 0; i < checked; i++) {
      latest = Math.max(latest, times.get(i));
    }
    if (latest > time) {
      throw new IllegalArgumentException(
          "an update at " + latest + " is after " + time + ", the time of the consolidation");
    }
  }

  private void addChunk() {
    int added = table.add(chunk, 0);
    while (added < chunk.rows()) {
      boolean wasEmpty = table.isEmpty();
      spill();
      int more = table.add(chunk, added);
      if (wasEmpty && more == added) {
        throw tooSmall("one row");
      }
      added = more;
    }
  }

  private void spill() {
    if (partitions == null) {
      int level = table.level() + 1;
      if (level > tuning.maxDepth()) {
        throw tooSmall(
            "the rows of one partition, divided "
                + tuning.maxDepth()
                + " times (their hashes collide)");
      }
      partitions = new SpillPartitions(directory, level, spillBuffers());
    }
    partitions.write(table);
    table.reset(table.level());
  }

  private byte[][] spillBuffers() {
    if (buffers == null) {
      buffers = new byte[tuning.fanOut()][bufferBytes()];
    }
    return buffers;
  }

  private void growChunk(long recordBytes, int kept) {
    long maxBytes = Math.min(options.memoryBytes() / 4, 1 << 30);
    if (recordBytes > maxBytes) {
      throw tooSmall("a row of " + recordBytes + " bytes");
    }
    int old = chunk.capacityBytes();
    int capacity = (int) Math.min(maxBytes, Math.max(recordBytes, 2L * old));
    if (!memory.reserve(RowChunk.bytes(capacity))) {
      spill();
      reserveAlways(RowChunk.bytes(capacity));
    }
    chunk.grow(capacity, kept);
    memory.release(RowChunk.bytes(old));
  }

  /**
   * The next block of sums, of at most {@link ConsolidatorOptions#blockUpdates}; null at the end.
   *
   * @throws DiffOverflowException if a sum does not fit in 64 bits
   * @throws MemoryTooSmallException if the rows of too many equal hashes do not fit in the memory
   * @throws DeterminateException if a spill file cannot be written or read
   */
  public @Nullable UpdateBlock next() {
    checkOpen();
    try {
      RecordCursor records = output == null ? endOfInput() : output;
      while (!unpacker.isFull()) {
        if (records.hasNext()) {
          take(records);
        } else if (!pending.isEmpty()) {
          records = consolidated(pending.removeFirst());
        } else {
          break;
        }
      }
      output = records;
      return unpacker.isEmpty() ? null : unpacker.build();
    } catch (RuntimeException | Error e) {
      closeAfter(e);
      throw e;
    }
  }

  private void take(RecordCursor records) {
    if (after == null) {
      unpacker.take(records);
      return;
    }
    while (!unpacker.isFull() && records.hasNext()) {
      byte[] segment = records.segment();
      int at = records.offset();
      if (!RowLayout.sumIsZero(segment, at)) {
        long hash = table.orderOf(segment, at);
        offset = new RowOffset(hash, hash == offset.hash() ? offset.count() + 1 : 1);
      }
      if (RowLayout.sumIsZero(segment, at) || offset.compareTo(after) <= 0) {
        records.advance(records.end(), 1);
      } else {
        unpacker.takeSome(records);
      }
    }
  }

  /**
   * Where the last row of an {@link #ordered} consolidation stands that {@link #next} has given.
   */
  public RowOffset offset() {
    return offset;
  }

  /** The sums of all that was added at the table's level; nothing if they are in files. */
  private RecordCursor endOfInput() {
    if (partitions != null) {
      spill();
      List<SpillFile> files = partitions.finish();
      partitions = null;
      for (int f = files.size() - 1; f >= 0; f--) {
        pending.addFirst(files.get(f));
      }
    }
    if (after != null) {
      return table.sorted();
    }
    table.dropSlots();
    return table.records();
  }

  private RecordCursor consolidated(SpillFile file) {
    table.reset(file.level());
    try (SpillReader reader = new SpillReader(directory, file, layout)) {
      while (reader.hasMore()) {
        int needed = reader.read(chunk);
        if (needed > 0) {
          growChunk(needed, reader.keptBytes());
        } else {
          addChunk();
        }
      }
    }
    directory.delete(file);
    return endOfInput();
  }

  /** What has been written to files so far. */
  public Spilled spilled() {
    return directory.spilled();
  }

  /** The most memory that was in use at one time, of {@link ConsolidatorOptions#memoryBytes}. */
  public long peakMemoryBytes() {
    return memory.peakBytes();
  }

  private MemoryTooSmallException tooSmall(String what) {
    return new MemoryTooSmallException(
        "a consolidation has "
            + options.memoryBytes()
            + " bytes of memory, too few for "
            + what
            + ": give it more");
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the consolidation is closed, or has failed");
    }
  }

  private void closeAfter(Throwable failure) {
    try {
      close();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /** Deletes the spill files, and frees the memory. Does nothing the second time. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    table.reset(0); // first, so that the rest has memory, whatever brought us here
    try {
      if (partitions != null) {
        partitions.close();
      }
    } finally {
      directory.deleteAll();
    }
  }
}
