package io.tidemark.location;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.location.Faults.End;
import io.tidemark.location.Faults.Outage;
import io.tidemark.location.memory.MemoryConsensus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class UnreliableConsensusTest extends ConsensusContract {

  private final Map<String, Consensus> stores = new ConcurrentHashMap<>();
  private final ManualTimers timers = new ManualTimers();
  private final Consensus inner = new MemoryConsensus();
  private final Faults faults = new Faults(RealEnvironment.seeded(7), timers);
  private final Consensus consensus = new UnreliableConsensus(inner, faults);

  /** While nothing goes wrong it is as good as what it wraps. */
  @Override
  protected Consensus open(String location) {
    Faults none = new Faults(RealEnvironment.ENTROPY, timers);
    return new UnreliableConsensus(
        stores.computeIfAbsent(location, l -> new MemoryConsensus()), none);
  }

  @Test
  void shouldDoAndNotTellWhenTheAnswerIsLost() {
    faults.answered(0);

    Await.failure(IndeterminateException.class, consensus.compareAndSet("k", version(0, "v")));
    Await.failure(IndeterminateException.class, consensus.head("k"));
    assertHead(inner, "k", 0, "v");
    assertEquals(2, faults.count(End.ANSWER_LOST));
  }

  @Test
  void shouldNeitherDoNorTellWhenTheRequestIsLost() {
    faults.answered(0).happens(0);

    Await.failure(IndeterminateException.class, consensus.compareAndSet("k", version(0, "v")));
    assertEquals(Optional.empty(), Await.result(inner.head("k")));
    assertEquals(1, faults.count(End.REQUEST_LOST));
  }

  @Test
  void shouldNotDoAndTellWhenItIsRefused() {
    faults.happens(0);

    Await.failure(DeterminateException.class, consensus.compareAndSet("k", version(0, "v")));
    Await.failure(DeterminateException.class, consensus.head("k"));
    assertEquals(Optional.empty(), Await.result(inner.head("k")));
    assertEquals(2, faults.count(End.REFUSED));
  }

  @Test
  void shouldFailEveryCallInAnOutageAndNoneAfterIt() {
    assertTrue(append(consensus, "k", 0, "v"));

    faults.outage(Outage.DETERMINATE);
    Await.failure(DeterminateException.class, consensus.compareAndSet("k", version(1, "v")));
    Await.failure(DeterminateException.class, consensus.listKeys(key -> {}));
    assertHead(inner, "k", 0, "v");
    faults.outage(Outage.INDETERMINATE);
    Await.failure(IndeterminateException.class, consensus.compareAndSet("k", version(1, "v")));
    assertHead(inner, "k", 1, "v");
    faults.happens(0);
    Await.failure(IndeterminateException.class, consensus.truncate("k", 1));
    assertEquals(2, scan(inner, "k", 0, 10).size());
    faults.outage(Outage.NONE).happens(1);
    assertTrue(append(consensus, "k", 2, "v"));
  }

  @Test
  void shouldDoLateWhatTheCallerRetriesBefore() {
    faults.answered(0).late(1, 100);
    Await.failure(IndeterminateException.class, consensus.compareAndSet("k", version(0, "late")));
    assertEquals(Optional.empty(), Await.result(inner.head("k")));
    faults.answered(1);

    assertTrue(append(consensus, "k", 0, "retry"));
    timers.advance(100);

    assertHead(inner, "k", 0, "retry");
    assertEquals(1, faults.count(End.LATE));
  }

  @Test
  void shouldDoLateWhatTheCallerRetriesAfter() {
    faults.answered(0).late(1, 100);
    Await.failure(IndeterminateException.class, consensus.compareAndSet("k", version(0, "late")));
    faults.answered(1);

    timers.advance(100);

    assertHead(inner, "k", 0, "late");
    assertFalse(append(consensus, "k", 0, "retry"));
  }

  @Test
  void shouldGoWrongTheSameWayForTheSameSeed() {
    assertEquals(history(11), history(11));
    assertNotEquals(history(11), history(12));
  }

  private static List<String> history(long seed) {
    ManualTimers timers = new ManualTimers();
    Faults faults =
        new Faults(RealEnvironment.seeded(seed), timers).happens(0.8).answered(0.7).late(0.5, 10);
    Consensus inner = new MemoryConsensus();
    Consensus consensus = new UnreliableConsensus(inner, faults);
    List<String> history = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      long next = Await.result(inner.head("k")).map(head -> head.seqno() + 1).orElse(0L);
      var append = consensus.compareAndSet("k", version(next, "v" + i));
      String end = append.succeeded() ? "" + append.result() : "" + append.cause().getClass();
      history.add(next + " " + end);
      timers.advance(1);
    }
    for (End end : End.values()) {
      assertTrue(faults.count(end) > 0, "never seen: " + end);
    }
    return history;
  }
}
