package io.tidemark.location.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.location.Await;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.IndeterminateException;
import io.tidemark.location.s3.FaultProxy.Fault;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class S3ConsensusFaultTest {

  private static final S3Timing PATIENT = new S3Timing(5_000, 300_000, 300_000);
  private static final String VERSION_1 = ".*/v/7ffffffffffffffe";
  private static final String LIST = ".*list-type.*";

  private final String bucket = S3Fixture.freshBucket();
  private final S3Consensus other =
      S3Consensus.open(S3Fixture.location(bucket, "p"), S3Fixture.environment());
  private final FaultProxy proxy = new FaultProxy(S3Fixture.vertx(), S3Fixture.server().endpoint());
  private final List<S3Consensus> opened = new ArrayList<>();

  /** A store by way of the proxy, which knows that "k" has version 0. */
  private S3Consensus late(S3Timing timing) {
    S3Consensus late =
        S3Consensus.open(
            proxy.location(bucket, "p", ""),
            S3Fixture.environment(),
            timing,
            S3Fixture.CREDENTIALS);
    opened.add(late);
    assertTrue(append(late, 0, "zero"));
    return late;
  }

  @AfterEach
  void closeAll() {
    proxy.close();
    other.close();
    opened.forEach(S3Consensus::close);
  }

  private static Version version(long seqno, String text) {
    return new Version(seqno, text.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean append(S3Consensus consensus, long seqno, String text) {
    return Await.result(consensus.compareAndSet("k", version(seqno, text)));
  }

  private static List<String> scan(S3Consensus consensus) {
    return Await.result(consensus.scan("k", 0, 1000)).stream()
        .map(version -> version.seqno() + " " + new String(version.data(), StandardCharsets.UTF_8))
        .toList();
  }

  private void awaitHeld() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (proxy.held() == 0) {
      assertTrue(System.nanoTime() < deadline, "the write did not come");
      Thread.onSpinWait();
    }
  }

  private Path object(String name) {
    return S3Fixture.server().data().resolve(bucket).resolve("p/consensus/k").resolve(name);
  }

  @Test
  void shouldNeverLetAWriterThatSleptThroughATruncationWin() throws Exception {
    S3Consensus late = late(PATIENT);
    proxy.fault(Fault.HOLD, 1, "PUT", VERSION_1);
    Future<Boolean> slept = late.compareAndSet("k", version(1, "late"));
    awaitHeld();
    long floor = Truncation.KEPT_VERSIONS + 3;
    for (long seqno = 1; seqno <= floor; seqno++) {
      assertTrue(append(other, seqno, "v" + seqno));
    }
    assertEquals(floor, Await.result(other.truncate("k", floor)));
    assertFalse(Files.exists(object("v/7ffffffffffffffe")), "it was not deleted");

    proxy.release();
    IndeterminateException unknown = Await.failure(IndeterminateException.class, slept);

    assertTrue(unknown.getMessage().contains("are truncated by now"), unknown.getMessage());
    assertTrue(Files.exists(object("v/7ffffffffffffffe")), "it has not landed");
    for (S3Consensus reader : List.of(other, late)) {
      assertEquals(List.of(floor + " v" + floor), scan(reader));
      assertEquals(floor, Await.result(reader.head("k")).orElseThrow().seqno());
      assertFalse(append(reader, 1, "again"));
      assertFalse(append(reader, 2, "again"));
    }
    assertTrue(append(late, floor + 1, "on it goes"));
    assertEquals(1, Await.result(other.truncate("k", floor + 1)));
    assertFalse(Files.exists(object("v/7ffffffffffffffe")), "garbage was left");
    try (var floors = Files.list(object("f"))) {
      assertEquals(1, floors.count(), "old floors were left");
    }
  }

  @Test
  void shouldRefuseWhoIsLateByFewVersions() throws Exception {
    S3Consensus late = late(PATIENT);
    proxy.fault(Fault.HOLD, 1, "PUT", VERSION_1);
    Future<Boolean> slept = late.compareAndSet("k", version(1, "late"));
    awaitHeld();
    for (long seqno = 1; seqno <= 4; seqno++) {
      assertTrue(append(other, seqno, "v" + seqno));
    }
    assertEquals(4, Await.result(other.truncate("k", 4)));

    proxy.release();

    assertFalse(Await.result(slept));
    assertEquals(List.of("4 v4"), scan(late));
  }

  @Test
  void shouldNotKnowOfAWriteThatIsUnderWayWhenItGivesUp() throws Exception {
    S3Consensus late = late(S3Fixture.HASTY);
    proxy.fault(Fault.HOLD, 1, "PUT", VERSION_1);

    Await.failure(IndeterminateException.class, late.compareAndSet("k", version(1, "late")));
    assertEquals(List.of("0 zero"), scan(other));
    proxy.release();

    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (Await.result(other.head("k")).orElseThrow().seqno() == 0) {
      assertTrue(System.nanoTime() < deadline, "the write did not land");
    }
    assertEquals(List.of("0 zero", "1 late"), scan(other));
    assertFalse(append(other, 1, "other"));
  }

  @Test
  void shouldNotKnowOfAWriteWhoseAnswerIsLost() {
    S3Consensus late = late(S3Fixture.HASTY);
    proxy.fault(Fault.LOSE_ANSWER, 1, "PUT", VERSION_1);

    Await.failure(IndeterminateException.class, late.compareAndSet("k", version(1, "late")));

    assertEquals(List.of("0 zero", "1 late"), scan(late));
    assertFalse(append(late, 1, "again"));
    assertTrue(append(late, 2, "two"));
  }

  @Test
  void shouldNotKnowOfAWriteThatItCannotConfirm() {
    S3Consensus late = late(S3Fixture.HASTY);
    proxy.fault(Fault.INTERNAL_ERROR, 100, "GET", LIST);

    Await.failure(IndeterminateException.class, late.compareAndSet("k", version(1, "late")));

    assertEquals(List.of("0 zero", "1 late"), scan(other));
  }

  @Test
  void shouldTellRefusalsFromFailuresByTheirStatus() {
    S3Consensus late = late(S3Fixture.HASTY);

    proxy.fault(Fault.SLOW_DOWN, 1, "PUT", VERSION_1);
    Await.failure(DeterminateException.class, late.compareAndSet("k", version(1, "a")));
    proxy.fault(Fault.UNAVAILABLE, 1, "PUT", VERSION_1);
    Await.failure(IndeterminateException.class, late.compareAndSet("k", version(1, "a")));
    proxy.fault(Fault.INTERNAL_ERROR, 1, "PUT", VERSION_1);
    Await.failure(IndeterminateException.class, late.compareAndSet("k", version(1, "a")));
    assertEquals(List.of("0 zero"), scan(other));
    proxy.fault(Fault.CONFLICT, 2, "PUT", VERSION_1);
    assertTrue(append(late, 1, "one"));
  }

  @Test
  void shouldSendReadsAgainAndWritesOnce() {
    S3Consensus late = late(S3Fixture.HASTY);

    proxy.fault(Fault.INTERNAL_ERROR, S3Clients.READ_ATTEMPTS - 1, "GET", LIST);
    assertEquals(List.of("0 zero"), scan(late));
    proxy.fault(Fault.INTERNAL_ERROR, 100, "GET", LIST);
    Await.failure(DeterminateException.class, late.scan("k", 0, 1));
    proxy.fault(Fault.INTERNAL_ERROR, 100, "PUT", VERSION_1);
    int before = proxy.requests();
    Await.failure(IndeterminateException.class, late.compareAndSet("k", version(1, "a")));
    assertEquals(before + 1, proxy.requests());
  }

  @Test
  void shouldCommitWithOneWriteAndOneList() {
    S3Consensus late = late(PATIENT);
    int before = proxy.requests();

    for (int seqno = 1; seqno <= 5; seqno++) {
      assertTrue(append(late, seqno, "v"));
    }

    assertEquals(before + 10, proxy.requests());
  }

  @Test
  void shouldTruncateAllTheSameIfNothingCanBeDeleted() throws Exception {
    S3Consensus late = late(S3Fixture.HASTY);
    for (int seqno = 1; seqno <= 3; seqno++) {
      assertTrue(append(late, seqno, "v" + seqno));
    }
    assertEquals(2, Await.result(late.truncate("k", 2)));
    proxy.fault(Fault.INTERNAL_ERROR, 100, "DELETE", ".*");

    assertEquals(1, Await.result(late.truncate("k", 3)));

    assertEquals(List.of("3 v3"), scan(other));
    assertTrue(Files.exists(object("f/7ffffffffffffffd")), "the older floor was deleted");
    proxy.faults(request -> Fault.NONE);
    assertEquals(0, Await.result(late.truncate("k", 3)));
    assertFalse(Files.exists(object("f/7ffffffffffffffd")), "the older floor is left");
  }

  @Test
  void shouldNotTruncateIfTheFloorIsNotWritten() {
    S3Consensus late = late(S3Fixture.HASTY);
    assertTrue(append(late, 1, "one"));
    proxy.fault(Fault.INTERNAL_ERROR, 1, "PUT", ".*/f/.*");

    Await.failure(IndeterminateException.class, late.truncate("k", 1));

    assertEquals(List.of("0 zero", "1 one"), scan(other));
  }
}
