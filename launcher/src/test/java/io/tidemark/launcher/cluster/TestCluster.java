package io.tidemark.launcher.cluster;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import io.tidemark.environment.Environment;
import io.tidemark.environment.VertxEnvironment;
import io.tidemark.launcher.config.ConfigReader;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.location.Await;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A cluster in this process, with the shipped configuration but for name, ports and partitions. */
public final class TestCluster implements AutoCloseable {

  private static final int MAX_MEMBERS = 4;

  private final String name = "test-" + UUID.randomUUID();
  private final List<Integer> ports = freePorts();
  private final List<Member> members = new ArrayList<>();
  private int added;

  /** Starts {@code size} members, one after the other. */
  public TestCluster(int size) {
    for (int i = 0; i < size; i++) {
      add();
    }
  }

  /** A member, and what the parts under test are given. */
  public record Member(Vertx vertx, HazelcastClusterManager manager) {

    /** Ends at once, as a process does that is killed: as far as Hazelcast can tell. */
    public void kill() {
      manager.getHazelcastInstance().getLifecycleService().terminate();
    }

    Cluster cluster() {
      return Cluster.of(vertx);
    }

    Context context() {
      return vertx.getOrCreateContext();
    }

    Environment environment() {
      return VertxEnvironment.of(vertx, vertx.createSharedWorkerExecutor("test", 4));
    }
  }

  private static List<Integer> freePorts() {
    List<ServerSocket> held = new ArrayList<>();
    try {
      List<Integer> free = new ArrayList<>();
      for (int i = 0; i < MAX_MEMBERS; i++) {
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        held.add(socket);
        free.add(socket.getLocalPort());
      }
      for (ServerSocket socket : held) {
        socket.close();
      }
      return free;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts another member. */
  @CanIgnoreReturnValue
  public Member add() {
    HazelcastClusterManager manager = new HazelcastClusterManager(config(ports.get(added++)));
    NodeConfig.Cluster bus = ConfigReader.read(new JsonObject()).cluster();
    VertxOptions options = new VertxOptions().setEventBusOptions(BusOptions.of(bus));
    Vertx vertx =
        Await.result(Vertx.builder().with(options).withClusterManager(manager).buildClustered());
    Member member = new Member(vertx, manager);
    members.add(member);
    return member;
  }

  private Config config(int port) {
    Config config = HazelcastFile.read("../conf/hazelcast.xml").setClusterName(name);
    config.setProperty("hazelcast.partition.count", "11");
    config.getNetworkConfig().setPort(port).setPortAutoIncrement(false);
    JoinConfig join = config.getNetworkConfig().getJoin();
    join.getTcpIpConfig().setMembers(ports.stream().map(each -> "127.0.0.1:" + each).toList());
    return config;
  }

  public Member member(int index) {
    return members.get(index);
  }

  public List<Member> members() {
    return List.copyOf(members);
  }

  @Override
  public void close() {
    members.forEach(Member::kill);
    members.forEach(member -> Await.result(member.vertx().close().otherwiseEmpty()));
  }
}
