package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.client.Publisher;
import io.tidemark.client.PublisherOptions;
import io.tidemark.client.SessionSettings;
import io.tidemark.client.SourcePartition;
import io.tidemark.location.Faults.End;
import io.tidemark.location.Faults.Outage;
import io.tidemark.persist.Shard;
import io.tidemark.persist.WriteHandle;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.Messages.Receipt;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The pipeline fails in all ways it can on one node: it goes on by itself, exactly once. */
class RestartPipelineTest extends PipelineTest {

  private static final NodeOptions IMPATIENT =
      NodeOptions.DEFAULTS
          .withEventLoops(1)
          .withPersist(Settings.impatientStores())
          .withMint(Settings.impatientMint())
          .withAppend(Settings.impatientAppend())
          .withWriter(Settings.impatientWriter());

  /** So many calls are past the patience with which one call is tried again. */
  private static final int CALLS = 60;

  private Traffic traffic;

  /** A publisher that appends a row every now and then, and is never restarted. */
  private static final class Traffic {
    private static final long PAUSE_MILLIS = 2;
    private final TestNode node;
    private final Publisher publisher;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicLong appended = new AtomicLong();
    private final AtomicLong durable = new AtomicLong();
    private volatile boolean stopping;

    Traffic(TestNode node) {
      this.node = node;
      SessionSettings session = new SessionSettings(1 << 20, 256, 500, 60_000, 2, 50);
      this.publisher =
          node.on(
              () ->
                  Publisher.open(
                      "orders",
                      new PublisherOptions("till", 8, 1 << 16, 1, session),
                      node.environment(),
                      node.bus()));
      step();
    }

    private void step() {
      node.on(
          () -> {
            append();
            return Future.<Void>succeededFuture();
          });
    }

    private void append() {
      if (stopping) {
        return;
      }
      if (!publisher.isFull()) {
        // Every ninth row is large enough for a part.
        long id = appended.getAndIncrement();
        String who = id % 9 == 0 ? "x".repeat(2_000) : "ann";
        publisher.append(Orders.binary(id, who)).onComplete(this::answered);
      }
      node.environment().timers().after(PAUSE_MILLIS, this::append);
    }

    private void answered(AsyncResult<Receipt> done) {
      if (done.succeeded()) {
        long unused = durable.incrementAndGet();
      } else {
        failure.compareAndSet(null, done.cause());
      }
    }

    /** Waits until more rows are durable. */
    void flows() {
      long before = durable.get();
      Until.holds(() -> durable.get() >= before + 20 || failure.get() != null);
      check();
    }

    private void check() {
      if (failure.get() != null) {
        throw new AssertionError("a row failed", failure.get());
      }
    }

    /** Stops, and waits until all rows are durable. */
    Map<Object, Long> stop() {
      stopping = true;
      Void unused = node.on(publisher::flush);
      check();
      Map<Object, Long> rows = new HashMap<>();
      for (long id = 0; id < appended.get(); id++) {
        rows.put(Orders.values(id, id % 9 == 0 ? "x".repeat(2_000) : "ann"), 1L);
      }
      return rows;
    }
  }

  private void begin() {
    start(IMPATIENT);
    node().admin("create", Orders.ingest("orders"));
    traffic = new Traffic(node());
    traffic.flows();
  }

  private void assertExactlyOnceInLaterEpoch(long epoch) {
    traffic.flows();
    assertEquals(traffic.stop(), contents().of("orders"));
    assertTrue(epoch() > epoch, "the pipeline was to start again");
    assertEquals(contents().of("orders").size(), node().describe("orders").getLong("updates"));
    Until.holds(() -> node().budget().heldBytes() == 0);
  }

  private long epoch() {
    return (long) node().gauge("tidemark.epoch");
  }

  @Test
  void shouldGoOnAfterConsensusWasDown() {
    begin();
    long epoch = epoch();
    node().consensusFaults(faults -> faults.outage(Outage.DETERMINATE));
    Until.holds(() -> node().consensusCalls(End.REFUSED) > CALLS);
    node().consensusFaults(faults -> faults.outage(Outage.NONE));
    assertExactlyOnceInLaterEpoch(epoch);
  }

  @Test
  void shouldGoOnAfterConsensusWasSilent() {
    begin();
    long epoch = epoch();
    node().consensusFaults(faults -> faults.outage(Outage.INDETERMINATE));
    Until.holds(() -> node().consensusCalls(End.ANSWER_LOST, End.REQUEST_LOST) > CALLS);
    node().consensusFaults(faults -> faults.outage(Outage.NONE));
    assertExactlyOnceInLaterEpoch(epoch);
  }

  @Test
  void shouldGoOnWhileStoresAreFlaky() {
    begin();
    node().consensusFaults(faults -> faults.happens(0.7).answered(0.7).late(0.3, 300));
    node().blobFaults(faults -> faults.happens(0.7).answered(0.7).late(0.3, 300));
    for (int i = 0; i < 10; i++) {
      traffic.flows();
    }
    long epoch = epoch();
    fenceFromOutside();
    node().consensusFaults(faults -> faults.happens(1).answered(1));
    node().blobFaults(faults -> faults.happens(1).answered(1));
    assertExactlyOnceInLaterEpoch(epoch);
  }

  @Test
  void shouldGoOnAfterTheBlobStoreWasDown() {
    begin();
    long epoch = epoch();
    node().blobFaults(faults -> faults.outage(Outage.DETERMINATE));
    Until.holds(() -> epoch() > epoch);
    node().blobFaults(faults -> faults.outage(Outage.NONE));
    assertExactlyOnceInLaterEpoch(epoch);
  }

  @Test
  void shouldGoOnAfterAnotherEpochFencedItsAppender() {
    begin();
    long epoch = epoch();
    WriteHandle other = fenceFromOutside();
    assertEquals(epoch + 1, other.epoch());
    Until.holds(() -> epoch() > other.epoch());
    assertExactlyOnceInLaterEpoch(other.epoch());
  }

  @CanIgnoreReturnValue
  private WriteHandle fenceFromOutside() {
    Shard shard = contents().shard("orders");
    return node().on(shard::startEpoch);
  }

  @Test
  void shouldGoOnWithoutAWriterThatHasGone() {
    begin();
    long epoch = epoch();
    node().losesWriter(1);
    assertExactlyOnceInLaterEpoch(epoch);
  }

  @Test
  void shouldHaveEverythingAfterTheNodeWasStopped() {
    begin();
    Map<Object, Long> rows = traffic.stop();
    node().stop();
    start(IMPATIENT);
    assertEquals(rows, contents().of("orders"));
    node().awaitReady("orders");
    node().reply("tidemark.orders", Orders.row(-1, "later"));
    rows.put(Orders.values(-1, "later"), 1L);
    assertEquals(rows, contents().of("orders"));
  }

  @Test
  void shouldHaveEverythingThatWasAnsweredAfterTheNodeWasKilled() {
    begin();
    long durable = traffic.durable.get();
    node().kill();
    traffic.stopping = true;
    start(IMPATIENT);
    Map<Object, Long> rows = contents().of("orders");
    for (long id = 0; id < durable; id++) {
      assertEquals(1, rows.get(Orders.values(id, id % 9 == 0 ? "x".repeat(2_000) : "ann")));
    }
    rows.values().forEach(count -> assertEquals(1, count));
    // The same producer goes on where it is told that it stands.
    Publisher again = node().publisher("orders", "till");
    assertEquals(rows.size(), again.committed().updates());
  }

  @Test
  void shouldLetASourceResumeInTheNextEpoch() {
    start(IMPATIENT);
    node().admin("create", Orders.source("ticks", 1));
    SourcePartition partition = node().claim("ticks", 0);
    Sources.send(node(), partition, "tick", 1, 2);
    node().on(() -> partition.advance(Antichain.of(3), "\"3\""));
    Sources.send(node(), partition, "tick", 3, 4);
    Shard shard = contents().shard("ticks");
    node().on(shard::startEpoch);
    node()
        .on(
            () ->
                partition
                    .advance(Antichain.of(5), "\"5\"")
                    .transform(done -> Future.<Void>succeededFuture()));
    SourcePartition again = node().claim("ticks", 0);
    long from = again.upper().time();
    assertTrue(from == 3 || from == 5, "resumes at " + from);
    if (from == 3) {
      Sources.send(node(), again, "tick", 3, 4);
      node().on(() -> again.advance(Antichain.of(5), "\"5\""));
    }
    Map<Object, Long> expected = new HashMap<>();
    for (long time = 1; time < 5; time++) {
      expected.put(Orders.values(time, "tick"), 1L);
    }
    assertEquals(expected, contents().of("ticks"));
  }
}
