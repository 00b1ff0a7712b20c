package io.tidemark.write;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidemark.protocol.FailureCode;

/** What the write verticles count, by collection. Thread-safe. */
public final class WriteMeters {

  private final MeterRegistry registry;

  public WriteMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  void received(String collection, long bytes) {
    counter("tidemark.messages.received", collection).increment();
    counter("tidemark.received.bytes", collection).increment((double) bytes);
  }

  void staged(String collection, long updates) {
    counter("tidemark.updates.staged", collection).increment((double) updates);
  }

  void skipped(String collection, long updates) {
    counter("tidemark.updates.skipped", collection).increment((double) updates);
  }

  void refused(String collection, FailureCode code) {
    registry
        .counter("tidemark.messages.refused", "collection", collection, "code", code.name())
        .increment();
  }

  private Counter counter(String name, String collection) {
    return registry.counter(name, "collection", collection);
  }
}
