package io.tidemark.launcher.cluster;

import static io.tidemark.launcher.cluster.Eventually.eventually;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hazelcast.map.IMap;
import io.tidemark.environment.Environment;
import io.tidemark.launcher.cluster.TestCluster.Member;
import io.tidemark.lease.Leases.Lease;
import io.tidemark.location.Await;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class HazelcastLeasesTest {

  private final List<Tenant> tenants = new ArrayList<>();
  private TestCluster cluster;

  /** A member, its leases, and how often it was told that one is lost. */
  private static final class Tenant {
    private final Member member;
    private final Context context;
    private final HazelcastLeases leases;
    private final AtomicInteger lost = new AtomicInteger();
    private final Set<String> freed = ConcurrentHashMap.newKeySet();

    Tenant(Member member) {
      this.member = member;
      this.context = member.context();
      Environment environment = member.environment();
      this.leases = new HazelcastLeases(context, member.cluster(), environment);
      Runnable unused = leases.watch(freed::add);
    }

    /** Null if another node has it. */
    Lease acquire(String collection) {
      return Await.resultOn(
          context, () -> leases.acquire(collection, lost::incrementAndGet).map(lease -> lease));
    }

    void release(Lease lease) {
      Await.resultOn(context, lease::release);
    }

    IMap<String, String> map() {
      return member.manager().getHazelcastInstance().getMap("tidemark.leases");
    }
  }

  @BeforeEach
  void start() {
    cluster = new TestCluster(3);
    cluster.members().forEach(member -> tenants.add(new Tenant(member)));
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private Tenant tenant(int index) {
    return tenants.get(index);
  }

  @Test
  void shouldGiveALeaseToOneNodeOnly() {
    List<Future<Lease>> asked = new ArrayList<>();
    for (Tenant tenant : tenants) {
      Context context = tenant.context;
      asked.add(
          Future.future(
              promise ->
                  context.runOnContext(
                      run -> tenant.leases.acquire("orders", () -> {}).onComplete(promise))));
    }
    long got = asked.stream().map(Await::result).filter(Objects::nonNull).count();
    assertEquals(1, got);
    for (Tenant tenant : tenants) {
      assertNull(tenant.acquire("orders"));
    }
    assertEquals(Set.of("orders"), Await.result(tenant(0).leases.holders()).keySet());
  }

  @Test
  void shouldRenewWhatIsHeldAndHandOnWhatIsReleased() {
    Lease lease = tenant(0).acquire("orders");
    String first = tenant(1).map().get("orders");
    long expires = tenant(1).map().getEntryView("orders").getExpirationTime();
    eventually(() -> tenant(1).map().getEntryView("orders").getExpirationTime() > expires + 1_000);
    assertTrue(lease.isHeld());
    assertEquals(first, tenant(1).map().get("orders"));
    tenant(0).release(lease);
    assertFalse(lease.isHeld());
    eventually(() -> tenant(1).freed.contains("orders") && tenant(2).freed.contains("orders"));
    assertNotNull(tenant(1).acquire("orders"));
    assertEquals(0, tenant(0).lost.get());
  }

  @Test
  void shouldNotRenewWhatBelongsToAnother() {
    Lease lease = tenant(0).acquire("orders");
    tenant(1).map().set("orders", "somebody/else");
    eventually(() -> tenant(0).lost.get() == 1);
    assertFalse(lease.isHeld());
    tenant(0).release(lease);
    assertEquals("somebody/else", tenant(1).map().get("orders"));
    assertEquals(1, tenant(0).lost.get());
  }

  @Test
  void shouldExpireIfItsHolderStopsRenewing() {
    assertNotNull(tenant(0).acquire("orders"));
    tenant(0).leases.close();
    assertNull(tenant(0).acquire("orders"));
    eventually(() -> tenant(1).acquire("orders") != null);
  }

  @Test
  void shouldLoseItIfItCannotBeRenewed() {
    Lease lease = tenant(0).acquire("orders");
    tenant(0).member.kill();
    eventually(() -> tenant(0).lost.get() == 1);
    assertFalse(lease.isHeld());
    Await.resultOn(tenant(0).context, lease::release);
    assertEquals(1, tenant(0).lost.get());
  }

  @Test
  void shouldEndTheLeasesOfANodeThatDies() {
    assertNotNull(tenant(0).acquire("orders"));
    assertNotNull(tenant(0).acquire("items"));
    tenant(0).member.kill();
    eventually(() -> tenant(1).freed.containsAll(Set.of("orders", "items")));
    assertNotNull(tenant(1).acquire("orders"));
    assertNotNull(tenant(2).acquire("items"));
  }

  /** Backups are told the outcome: whoever owns the entry next knows it, too. */
  @Test
  void shouldKeepALeaseWhenTheOwnersOfItsEntryDie() {
    Lease lease = tenant(0).acquire("orders");
    tenant(1).member.kill();
    tenant(2).member.kill();
    long expires = tenant(0).map().getEntryView("orders").getExpirationTime();
    eventually(() -> tenant(0).map().getEntryView("orders").getExpirationTime() > expires);
    assertTrue(lease.isHeld());
    assertEquals(0, tenant(0).lost.get());
  }

  /** As the lease verticle does it: whoever is told to gives a lease up, and all try again. */
  @Test
  void shouldGiveANewcomerItsShare() {
    for (int i = 0; i < 8; i++) {
      hold(tenant(i % 2), "c" + i);
    }
    Tenant idle = tenant(2);
    eventually(() -> Await.result(idle.leases.holders()).size() == 8);
    Runnable unused = idle.leases.watch(name -> hold(idle, name));
    eventually(() -> heldBy(idle) == 2);
    assertEquals(8, Await.result(idle.leases.holders()).size());
  }

  private static void hold(Tenant tenant, String collection) {
    AtomicReference<Lease> held = new AtomicReference<>();
    tenant.context.runOnContext(
        run -> tenant.leases.acquire(collection, () -> release(held.get())).onSuccess(held::set));
  }

  private static void release(Lease lease) {
    Future<Void> unused = lease.release();
  }

  private long heldBy(Tenant tenant) {
    return Await.result(tenant.leases.holders()).values().stream()
        .filter(tenant.member.cluster().name()::equals)
        .count();
  }
}
