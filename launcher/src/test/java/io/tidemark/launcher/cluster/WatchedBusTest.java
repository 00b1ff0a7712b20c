package io.tidemark.launcher.cluster;

import static io.tidemark.launcher.cluster.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.hazelcast.multimap.MultiMap;
import io.tidemark.launcher.cluster.TestCluster.Member;
import io.tidemark.location.Await;
import io.tidemark.protocol.Bus;
import io.tidemark.protocol.VertxBus;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class WatchedBusTest {

  private TestCluster cluster;
  private WatchedBus watched;
  private Bus other;

  @BeforeEach
  void start() {
    cluster = new TestCluster(2);
    Member member = cluster.member(0);
    watched =
        new WatchedBus(
            member.context(),
            new VertxBus(member.vertx()),
            member.cluster()::registrations,
            member.environment());
    watched.watch();
    other = new VertxBus(cluster.member(1).vertx());
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private MultiMap<String, Object> registry() {
    return cluster.member(1).manager().getHazelcastInstance().getMultiMap("__vertx.subs");
  }

  private void consume(String address, AtomicInteger seen) {
    Bus.Registration unused =
        Await.resultOn(
            cluster.member(0).context(),
            () ->
                watched.consume(
                    address,
                    delivery -> {
                      int unusedCount = seen.incrementAndGet();
                      delivery.reply(new JsonObject());
                    }));
  }

  private boolean answers(String address) {
    return Await.result(other.request(address, new JsonObject(), 2_000).map(true).otherwise(false));
  }

  @Test
  void shouldRegisterAnewWhatTheClusterForgot() {
    AtomicInteger seen = new AtomicInteger();
    consume("one", seen);
    consume("two", seen);
    assertEquals(true, answers("one"));
    registry().remove("one");
    registry().remove("two");
    eventually(() -> !answers("one"));
    eventually(() -> answers("one") && answers("two"));
    assertEquals(1, registry().get("one").size());
  }

  @Test
  void shouldRegisterAnewAfterAMerge() {
    AtomicInteger seen = new AtomicInteger();
    consume("one", seen);
    Object before = registry().get("one").iterator().next();
    watched.merged();
    eventually(() -> registry().get("one").size() == 1 && !registry().get("one").contains(before));
    assertEquals(true, answers("one"));
    assertEquals(1, seen.get());
  }

  /** More than are looked at in one turn: each has its turn. */
  @Test
  void shouldLookAtEveryConsumerInTime() {
    List<String> addresses = new ArrayList<>();
    for (int i = 0; i < WatchedBus.MAX_CHECKED + 10; i++) {
      addresses.add("address-" + i);
      consume("address-" + i, new AtomicInteger());
    }
    addresses.sort(null);
    String last = addresses.get(addresses.size() - 1);
    registry().remove(last);
    eventually(() -> answers(last));
  }

  @Test
  void shouldLeaveAloneWhatIsUnregistered() {
    Bus.Registration registration =
        Await.resultOn(cluster.member(0).context(), () -> watched.consume("one", delivery -> {}));
    Await.resultOn(cluster.member(0).context(), registration::unregister);
    watched.merged();
    consume("two", new AtomicInteger());
    registry().remove("two");
    eventually(() -> answers("two"));
    assertEquals(0, registry().get("one").size());
  }
}
