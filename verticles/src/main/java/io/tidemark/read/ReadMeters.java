package io.tidemark.read;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/** What the readings of a node count. Thread-safe. */
public final class ReadMeters {

  private final MeterRegistry registry;
  private final AtomicInteger sessions = new AtomicInteger();

  public ReadMeters(MeterRegistry registry) {
    this.registry = registry;
    Gauge unused =
        Gauge.builder("tidemark.readings", sessions, AtomicInteger::get)
            .description("readings over the event bus that this node serves")
            .strongReference(true)
            .register(registry);
  }

  void sessions(int count) {
    sessions.set(count);
  }

  void read(String collection, long updates) {
    registry.counter("tidemark.updates.read", "collection", collection).increment((double) updates);
  }
}
