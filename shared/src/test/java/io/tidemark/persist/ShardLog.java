package io.tidemark.persist;

import io.tidemark.location.Await;
import io.tidemark.location.Consensus;
import io.tidemark.location.Consensus.Version;
import io.tidemark.progress.Antichain;
import java.util.ArrayList;
import java.util.List;

/** The versions of a shard that consensus still holds, read past the code of shards. */
public final class ShardLog {

  private static final int PAGE = 1_000;

  private ShardLog() {}

  /**
   * One version.
   *
   * @param crc32c of its bytes
   * @param epoch the epoch that it begins, 0 if it begins none
   * @param lower of the batch that it appends, -1 if it appends none
   * @param upper of the batch that it appends, -1 if it appends none
   */
  public record Entry(long seqno, int crc32c, long epoch, long lower, long upper) {

    /** Whether a batch was appended. */
    public boolean isPush() {
      return upper >= 0;
    }
  }

  /** Reads them, in order. Blocks. */
  public static List<Entry> read(Consensus consensus, ShardId shard) {
    List<Entry> entries = new ArrayList<>();
    long from = 0;
    List<Version> page;
    do {
      page = Await.result(consensus.scan(shard.text(), from, PAGE));
      for (Version version : page) {
        entries.add(entry(shard, version));
        from = version.seqno() + 1;
      }
    } while (page.size() == PAGE);
    return entries;
  }

  private static Entry entry(ShardId shard, Version version) {
    StateDiff diff = StateCodec.decodeDiff(shard, version.data());
    if (diff.seqno() != version.seqno()) {
      throw new AssertionError("version " + version.seqno() + " calls itself " + diff.seqno());
    }
    Batch pushed = diff.pushed();
    return new Entry(
        version.seqno(),
        StateLoader.crc32c(version.data()),
        diff.epoch() == null ? 0 : diff.epoch(),
        pushed == null ? -1 : time(pushed.description().lower()),
        pushed == null ? -1 : time(pushed.description().upper()));
  }

  private static long time(Antichain frontier) {
    return frontier.isEmpty() ? Long.MAX_VALUE : frontier.time();
  }
}
