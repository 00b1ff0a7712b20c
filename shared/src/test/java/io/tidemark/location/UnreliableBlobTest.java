package io.tidemark.location;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.location.Faults.Outage;
import io.tidemark.location.memory.MemoryBlob;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class UnreliableBlobTest extends BlobContract {

  private final Map<String, Blob> stores = new ConcurrentHashMap<>();
  private final ManualTimers timers = new ManualTimers();
  private final Blob inner = new MemoryBlob();
  private final Faults faults = new Faults(RealEnvironment.seeded(7), timers);
  private final Blob blob = new UnreliableBlob(inner, faults);

  /** While nothing goes wrong it is as good as what it wraps. */
  @Override
  protected Blob open(String location) {
    Faults none = new Faults(RealEnvironment.ENTROPY, timers);
    return new UnreliableBlob(stores.computeIfAbsent(location, l -> new MemoryBlob()), none);
  }

  @Test
  void shouldEndInAllFourWays() {
    faults.happens(1).answered(0);
    Await.failure(IndeterminateException.class, blob.set("k", bytes("done")));
    assertEquals("done", text(inner, "k"));
    faults.happens(0).answered(0);
    Await.failure(IndeterminateException.class, blob.delete("k"));
    assertEquals("done", text(inner, "k"));
    faults.happens(0).answered(1);
    Await.failure(DeterminateException.class, blob.delete("k"));
    assertEquals("done", text(inner, "k"));
    faults.happens(1).answered(1);
    assertEquals(4, Await.result(blob.delete("k")).orElseThrow());
  }

  @Test
  void shouldFailEveryCallInAnOutage() {
    faults.outage(Outage.DETERMINATE);
    assertRefusesCalls(blob);
    faults.outage(Outage.INDETERMINATE);
    Await.failure(IndeterminateException.class, blob.get("k"));
    Await.failure(IndeterminateException.class, blob.list("", entry -> {}));
    Await.failure(IndeterminateException.class, blob.restore("k"));
  }

  @Test
  void shouldSetLateWhatWasGivenAtFirst() {
    byte[] value = bytes("value");
    faults.answered(0).late(1, 50);
    Await.failure(IndeterminateException.class, blob.set("k", value));
    Arrays.fill(value, (byte) 'x');

    assertEquals("none", text(inner, "k"));
    timers.advance(50);
    assertEquals("value", text(inner, "k"));
  }

  @Test
  void shouldDeleteLateWhatWasSetMeanwhile() {
    set(inner, "k", "old");
    faults.answered(0).late(1, 50);
    Await.failure(IndeterminateException.class, blob.delete("k"));
    faults.answered(1);

    set(blob, "k", "new");
    timers.advance(50);
    assertEquals("none", text(blob, "k"));
  }
}
