package io.tidemark.append;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.persist.CompactionCounts;
import io.tidemark.progress.Antichain;
import java.util.List;
import org.junit.jupiter.api.Test;

class AppendMetersTest {

  private static final List<String> GAUGES =
      List.of(
          "tidemark.source.progress",
          "tidemark.epoch",
          "tidemark.rehydration.latency.milliseconds",
          "tidemark.snapshot.committed");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private AppendMeters meters(String collection) {
    return new AppendMeters(registry, collection, "s");
  }

  private double shown(String gauge, String collection) {
    return registry.get(gauge).tag("collection", collection).gauge().value();
  }

  private Gauge found(String gauge, String collection) {
    return registry.find(gauge).tag("collection", collection).gauge();
  }

  @Test
  void shouldShowWhereTheCollectionStandsWhileItIsCoordinated() {
    AppendMeters first = meters("orders");
    AppendMeters other = meters("clicks");
    other.began(7, Antichain.of(70));
    GAUGES.forEach(gauge -> assertNull(found(gauge, "orders"), "no epoch has begun"));

    first.began(1, Antichain.of(10));
    assertEquals(10, shown("tidemark.source.progress", "orders"));
    first.close();
    GAUGES.forEach(gauge -> assertNull(found(gauge, "orders"), gauge));
    GAUGES.forEach(gauge -> assertNotNull(found(gauge, "clicks"), gauge));

    // Meanwhile others had it; now it is back.
    AppendMeters second = meters("orders");
    second.began(5, Antichain.of(50));
    assertEquals(50, shown("tidemark.source.progress", "orders"));
    assertEquals(5, shown("tidemark.epoch", "orders"));
    second.began(6, Antichain.of(60));
    assertEquals(60, shown("tidemark.source.progress", "orders"));
    assertEquals(3, registry.get("tidemark.epochs").tag("collection", "orders").counter().count());
  }

  @Test
  void shouldShowTheNewerCoordinationAlsoIfTheOlderEndsLate() {
    AppendMeters first = meters("orders");
    first.began(1, Antichain.of(10));
    AppendMeters second = meters("orders");
    second.began(2, Antichain.of(20));
    assertEquals(20, shown("tidemark.source.progress", "orders"));
    first.close();
    assertEquals(20, shown("tidemark.source.progress", "orders"));
    second.close();
    second.close();
    GAUGES.forEach(gauge -> assertNull(found(gauge, "orders"), gauge));
  }

  @Test
  void shouldCountCompactionsOverAllEpochs() {
    AppendMeters meters = meters("orders");
    meters.began(1, Antichain.of(10));
    meters.compacted(new CompactionCounts(1, 0, 0, 0, 500, 100, 9, 5));
    meters.compacted(new CompactionCounts(3, 1, 2, 4, 700, 200, 19, 6));
    meters.began(2, Antichain.of(20));
    meters.compacted(new CompactionCounts(1, 0, 0, 0, 30, 20, 2, 1));

    assertEquals(4, registry.get("tidemark.compactions").counter().count());
    assertEquals(1, registry.get("tidemark.compactions.refused").counter().count());
    assertEquals(2, registry.get("tidemark.compactions.failed").counter().count());
    assertEquals(4, registry.get("tidemark.compactions.postponed").counter().count());
    assertEquals(730, registry.get("tidemark.compaction.bytes.in").counter().count());
    assertEquals(220, registry.get("tidemark.compaction.bytes.out").counter().count());
    assertEquals(21, registry.get("tidemark.compaction.updates.in").counter().count());
    assertEquals(7, registry.get("tidemark.compaction.updates.out").counter().count());
  }
}
