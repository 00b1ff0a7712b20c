package io.tidemark.persist;

import java.util.List;

/**
 * What a check of a shard has looked at, and what was wrong.
 *
 * @param findings what is wrong; nothing if the shard is sound
 * @param untold how much more is wrong, of which nothing is told
 * @param settled whether the shard stood still for long enough to look at all of it
 * @param versions how many versions of consensus were read
 * @param rollups how many rollups were
 * @param batches how many batches there are
 * @param parts how many parts were read
 * @param bytes how many bytes the parts have
 */
public record CheckReport(
    List<Finding> findings,
    long untold,
    boolean settled,
    long versions,
    int rollups,
    int batches,
    long parts,
    long bytes) {

  /** Whether nothing is wrong, as far as could be seen. */
  public boolean isSound() {
    return findings.isEmpty();
  }
}
