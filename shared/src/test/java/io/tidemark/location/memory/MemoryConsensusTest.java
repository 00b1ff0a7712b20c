package io.tidemark.location.memory;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.location.Consensus;
import io.tidemark.location.ConsensusContract;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class MemoryConsensusTest extends ConsensusContract {

  private final Map<String, Consensus> stores = new ConcurrentHashMap<>();

  @Override
  protected Consensus open(String location) {
    return stores.computeIfAbsent(location, l -> new MemoryConsensus());
  }

  @Test
  void shouldAnswerAtOnce() {
    Consensus consensus = new MemoryConsensus();

    assertTrue(consensus.compareAndSet("k", version(0, "v")).isComplete());
    assertTrue(consensus.head("k").isComplete());
    assertTrue(consensus.listKeys(key -> {}).isComplete());
  }
}
