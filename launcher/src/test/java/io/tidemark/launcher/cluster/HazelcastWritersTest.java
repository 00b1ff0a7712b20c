package io.tidemark.launcher.cluster;

import static io.tidemark.launcher.cluster.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.hazelcast.map.IMap;
import io.tidemark.launcher.cluster.TestCluster.Member;
import io.tidemark.location.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class HazelcastWritersTest {

  private final List<HazelcastWriters> writers = new ArrayList<>();
  private TestCluster cluster;

  @BeforeEach
  void start() {
    cluster = new TestCluster(3);
    for (Member member : cluster.members()) {
      writers.add(new HazelcastWriters(member.context(), member.cluster(), member.environment()));
    }
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private List<String> listed(int member) {
    return Await.result(writers.get(member).list());
  }

  private IMap<String, String> map(int member) {
    return cluster.member(member).manager().getHazelcastInstance().getMap("tidemark.writers");
  }

  @Test
  void shouldListTheWritersOfAllNodes() {
    AtomicInteger changes = new AtomicInteger();
    Runnable unused = writers.get(2).watch(changes::incrementAndGet);
    Await.result(writers.get(0).register("w0"));
    Await.result(writers.get(1).register("w1"));
    assertEquals(List.of("w0", "w1"), listed(2));
    eventually(() -> changes.get() >= 2);
    int before = changes.get();
    Await.result(writers.get(0).unregister("w0"));
    assertEquals(List.of("w1"), listed(2));
    eventually(() -> changes.get() > before);
  }

  @Test
  void shouldForgetTheWritersOfANodeThatDies() {
    AtomicInteger changes = new AtomicInteger();
    Await.result(writers.get(0).register("w0"));
    Await.result(writers.get(1).register("w1"));
    Runnable unused = writers.get(1).watch(changes::incrementAndGet);
    cluster.member(0).kill();
    eventually(() -> changes.get() > 0);
    eventually(() -> listed(1).equals(List.of("w1")));
    eventually(() -> map(1).size() == 1);
  }

  @Test
  void shouldListAgainWhatTheClusterForgot() {
    Await.result(writers.get(0).register("w0"));
    map(1).clear();
    eventually(() -> listed(2).equals(List.of("w0")));
  }
}
