package io.tidemark.write;

import io.tidemark.persist.Advance;
import io.tidemark.persist.Batch;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.Counts;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Join;
import io.tidemark.protocol.Messages.Numbered;
import io.tidemark.protocol.Messages.Token;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.UpdateBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One writer's part in one epoch of a collection. Pure: it decides what is staged, what is cut for
 * a description, and who is answered; the {@link Port} does it.
 *
 * <p>Invariants: descriptions that ask this writer are cut in order, each once; there is exactly
 * one token for each, and a repeated description gets the same one; nobody is answered before the
 * shard holds the updates.
 */
abstract class EpochWriter {

  private final Join join;
  private final String self;
  private final Port port;
  private final TreeMap<Long, Cut> cuts = new TreeMap<>();
  private long lastCut;
  private Antichain cutUpper;
  private Antichain upper;
  private long stagedBytes;
  private Counts stagedCounts = Counts.NONE;
  private @Nullable RefusedException ending;

  EpochWriter(Join join, String self, Port port) {
    this.join = join;
    this.self = self;
    this.port = port;
    this.cutUpper = join.upper();
    this.upper = join.upper();
  }

  /** What the core asks of the world. Nothing of it calls back before it returns. */
  interface Port {

    /** Takes memory for rows, if there is some. It is given back when they are held no more. */
    boolean reserve(long bytes);

    /** Stages rows, after those before. {@code taken} is run once more may come. */
    void stage(UpdateBlock rows, Runnable taken);

    /** Makes the batch of what was staged; {@link EpochWriter#batch} is told when it is done. */
    void cut(Numbered numbered);

    /** Sends a token; {@link EpochWriter#committed} is told when it is in the shard. */
    void send(Token token);

    /** Tells the appender that a token is still being made. */
    void working(long number);

    /** Asks where a producer stands; {@link IngestWriter#standing} is told. */
    void whereIs(String producer);

    /** Asks for a new epoch. */
    void endEpoch(String reason);

    /** Tells mint how far partitions have come, until it has heard it. */
    void frontiers(Map<Integer, Antichain> frontiers);
  }

  /** A description that was cut, until it is committed. */
  private static final class Cut {
    private final Numbered numbered;
    private final Counts counts;
    private final Map<String, Advance> advances;
    private final Map<String, String> offsets;
    private @Nullable Token token;

    Cut(
        Numbered numbered,
        Counts counts,
        Map<String, Advance> advances,
        Map<String, String> offsets) {
      this.numbered = numbered;
      this.counts = counts;
      this.advances = advances;
      this.offsets = offsets;
    }
  }

  final Join join() {
    return join;
  }

  /** The id of this writer, as the roster has it. */
  final String self() {
    return self;
  }

  final Port port() {
    return port;
  }

  /** The number of the last description that was cut. What is staged now comes after it. */
  final long lastCut() {
    return lastCut;
  }

  /** The upper of the last description that was cut. */
  final Antichain cutUpper() {
    return cutUpper;
  }

  /** The shard's upper, as far as this writer knows. */
  final Antichain upper() {
    return upper;
  }

  /** The bytes of rows that are staged and not described yet. */
  final long stagedBytes() {
    return stagedBytes;
  }

  /** Whether everything that was taken is in the shard. */
  boolean isIdle() {
    return stagedBytes == 0 && cuts.isEmpty();
  }

  /** Why nothing is taken any more; null while the epoch goes on. */
  final @Nullable RefusedException ending() {
    return ending;
  }

  /** Stages rows, and counts them for the next description. */
  final void stage(UpdateBlock rows, Runnable taken) {
    stagedBytes += rows.bytes();
    stagedCounts = stagedCounts.plus(Counting.of(rows));
    port.stage(rows, taken);
  }

  /**
   * Mint has published these descriptions, which are all that are open, oldest first: the new ones
   * that ask this writer are cut, in order.
   */
  final void described(List<Numbered> open) {
    for (Numbered numbered : open) {
      Cut known = cuts.get(numbered.number());
      if (known != null) {
        remind(known);
      } else if (isNext(numbered)) {
        cut(numbered);
      }
    }
    if (!open.isEmpty() && open.get(0).writers() != null) {
      // All before the oldest that is open are in the shard, also those of other writers alone. A
      // writer whose answer was lost learns it here, since it may never be asked again.
      committed(open.get(0).number() - 1);
      upper = Antichain.join(upper, open.get(0).description().lower());
    }
  }

  /** Those that ask others may be passed over; the next of those that ask everybody may not. */
  private boolean isNext(Numbered numbered) {
    return numbered.writers() == null
        ? numbered.number() == lastCut + 1
        : numbered.number() > lastCut && numbered.asks(self);
  }

  private void remind(Cut known) {
    if (known.token == null) {
      port.working(known.numbered.number());
    } else {
      port.send(known.token);
    }
  }

  private void cut(Numbered numbered) {
    Antichain to = numbered.description().upper();
    lastCut = numbered.number();
    cutUpper = to;
    cuts.put(numbered.number(), new Cut(numbered, stagedCounts, takeAdvances(to), takeOffsets(to)));
    stagedBytes = 0;
    stagedCounts = Counts.NONE;
    port.cut(numbered);
  }

  /** The batch of a description is complete and durable. */
  final void batch(long number, Batch batch) {
    Cut cut = cuts.get(number);
    if (cut == null || ending != null) {
      return;
    }
    Token token =
        new Token(
            join.collection(),
            join.epoch(),
            self,
            number,
            batch,
            cut.advances,
            cut.offsets,
            cut.counts);
    cut.token = token;
    port.send(token);
  }

  /** Everything up to a description is in the shard. */
  final void committed(long number) {
    List<Numbered> done = new ArrayList<>();
    while (!cuts.isEmpty() && cuts.firstKey() <= number) {
      Cut cut = cuts.remove(cuts.firstKey());
      upper = Antichain.join(upper, cut.numbered.description().upper());
      done.add(cut.numbered);
    }
    for (Numbered numbered : done) {
      answer(numbered);
    }
  }

  /** The epoch is over: everything that is not in the shard is dropped, and everybody told. */
  final void end(String reason) {
    if (ending == null) {
      ending =
          new RefusedException(
              FailureCode.STALE_EPOCH,
              "epoch "
                  + join.epoch()
                  + " of '"
                  + join.collection()
                  + "' is over ("
                  + reason
                  + "): open again and send it again");
      cuts.clear();
      refuseAll(ending);
    }
  }

  /** What is said to whoever writes after the end. */
  final RefusedException sealed() {
    return new RefusedException(
        FailureCode.SEALED,
        "'" + join.collection() + "' has ended: its upper is empty, and nothing can be added");
  }

  /** The producers whose messages are staged, up to the last one. */
  abstract Map<String, Advance> takeAdvances(Antichain to);

  /** Where sources stand at {@code to}. */
  abstract Map<String, String> takeOffsets(Antichain to);

  /** A description is in the shard: whoever waited for it is answered. */
  abstract void answer(Numbered committed);

  abstract void refuseAll(RefusedException refusal);
}
