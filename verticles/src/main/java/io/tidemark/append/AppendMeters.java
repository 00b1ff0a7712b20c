package io.tidemark.append;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.tidemark.persist.CompactionCounts;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.Counts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one append verticle counts. What was not committed is not counted as committed.
 *
 * <p>Gauges say where the collection stands, so they are shown only by who coordinates it: from its
 * first epoch until it is closed. Counters are this process's own, and stay.
 */
public final class AppendMeters {

  private final MeterRegistry registry;
  private final Tags tags;
  private final List<Gauge> gauges = new ArrayList<>();
  private final AtomicLong upper = new AtomicLong();
  private final AtomicLong epoch = new AtomicLong();
  private final AtomicLong rehydrationMillis = new AtomicLong(-1);
  private final AtomicLong committed = new AtomicLong();
  private CompactionCounts compactions = CompactionCounts.NONE;

  public AppendMeters(MeterRegistry registry, String collection, String shard) {
    this.registry = registry;
    this.tags = Tags.of("collection", collection, "shard", shard);
  }

  private void showGauges() {
    if (!gauges.isEmpty()) {
      return;
    }
    gauge(
        "tidemark.source.progress",
        "upper of the collection, as a time; -1 once it has ended",
        upper);
    gauge("tidemark.epoch", "epoch of the collection's pipeline", epoch);
    gauge(
        "tidemark.rehydration.latency.milliseconds",
        "from the beginning of the epoch to its first commit; -1 before",
        rehydrationMillis);
    gauge("tidemark.snapshot.committed", "1 once anything was committed", committed);
  }

  /** Takes the place of an earlier coordination's, which may not have ended yet. */
  private void gauge(String name, String description, AtomicLong value) {
    Gauge earlier = registry.find(name).tags(tags).gauge();
    if (earlier != null) {
      Meter unused = registry.remove(earlier);
    }
    gauges.add(
        Gauge.builder(name, value, AtomicLong::get)
            .description(description)
            .tags(tags)
            .strongReference(true)
            .register(registry));
  }

  /** Shows nothing more of where the collection stands: somebody else knows better. */
  void close() {
    for (Gauge gauge : gauges) {
      if (registry.find(gauge.getId().getName()).tags(tags).gauge() == gauge) {
        Meter unused = registry.remove(gauge);
      }
    }
  }

  void began(long newEpoch, Antichain at) {
    showGauges();
    epoch.set(newEpoch);
    rehydrationMillis.set(-1);
    compactions = CompactionCounts.NONE;
    registry.counter("tidemark.epochs", tags).increment();
    upper(at);
  }

  void rehydrated(long millis) {
    rehydrationMillis.set(millis);
  }

  /** An append is in the shard. */
  void committed(Appender.Ready ready, long nanos) {
    Counts counts = ready.counts();
    count("tidemark.source.row.inserts", counts.inserts());
    count("tidemark.source.row.retractions", counts.retractions());
    count("tidemark.source.error.inserts", counts.errorInserts());
    count("tidemark.source.error.retractions", counts.errorRetractions());
    count("tidemark.updates.committed", counts.staged());
    count("tidemark.source.processed.batches", ready.descriptions());
    Timer.builder("tidemark.commit.latency")
        .description("from the compare-and-append to its answer")
        .tags(tags)
        .publishPercentiles(0.5, 0.99)
        .register(registry)
        .record(Duration.ofNanos(nanos));
    upper(ready.append().upper());
  }

  /** What the compactions of this epoch have done by now. */
  void compacted(CompactionCounts now) {
    CompactionCounts before = compactions;
    compactions = now;
    count("tidemark.compactions", now.applied() - before.applied());
    count("tidemark.compactions.refused", now.refused() - before.refused());
    count("tidemark.compactions.failed", now.failed() - before.failed());
    count("tidemark.compactions.postponed", now.postponed() - before.postponed());
    count("tidemark.compaction.bytes.in", now.bytesIn() - before.bytesIn());
    count("tidemark.compaction.bytes.out", now.bytesOut() - before.bytesOut());
    count("tidemark.compaction.updates.in", now.updatesIn() - before.updatesIn());
    count("tidemark.compaction.updates.out", now.updatesOut() - before.updatesOut());
  }

  void planned() {
    count("tidemark.epochs.planned", 1);
  }

  void fenced() {
    count("tidemark.fenced", 1);
  }

  void mismatch() {
    count("tidemark.append.mismatches", 1);
  }

  private void upper(Antichain at) {
    upper.set(at.isEmpty() ? -1 : at.time());
    committed.set(at.equals(Antichain.minimum()) ? 0 : 1);
  }

  private void count(String name, long amount) {
    registry.counter(name, tags).increment((double) amount);
  }
}
