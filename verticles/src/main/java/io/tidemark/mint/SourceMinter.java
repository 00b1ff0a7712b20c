package io.tidemark.mint;

import io.tidemark.progress.Antichain;
import io.tidemark.protocol.Messages.Frontiers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Mints by the sources' frontiers: the range up to which every partition is complete, however many
 * times that spans, also when there is no update in it.
 */
final class SourceMinter extends Minter {

  private final Map<Integer, Antichain> frontiers = new HashMap<>();

  SourceMinter(MintSettings settings, Antichain upper, int partitions) {
    super(settings, upper);
    for (int partition = 0; partition < partitions; partition++) {
      frontiers.put(partition, upper);
    }
  }

  /**
   * Partitions have come this far. What is behind what was said before came late, and is ignored.
   */
  void advanced(Frontiers advanced) {
    advanced
        .frontiers()
        .forEach(
            (partition, frontier) ->
                frontiers.computeIfPresent(
                    partition, (p, before) -> Antichain.join(before, frontier)));
  }

  @Override
  Antichain next(long wallMillis, long nowMillis) {
    Antichain meet = Antichain.empty();
    for (Antichain frontier : frontiers.values()) {
      meet = Antichain.meet(meet, frontier);
    }
    return meet;
  }

  @Override
  Antichain last(long wallMillis) {
    return next(wallMillis, 0);
  }

  /** Everybody: a writer may hold updates before its frontier lets mint know of them. */
  @Override
  @Nullable List<String> writers() {
    return null;
  }

  @Override
  long dueInMillis(long nowMillis) {
    return -1;
  }
}
