package io.tidemark.launcher.faults;

import io.tidemark.launcher.faults.ClusterNode.Place;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A network of its own for each node, made of network namespaces of Linux: nothing of the machine's
 * own network is touched, and no address is outside of them.
 *
 * <pre>
 *   hub:   bridge "bus"    10.77.1.254     bridge "stores"  10.77.2.254     bridge "other"
 *            |b0  |b1  |b2                   |s0  |s1  |s2
 *   node0:  bus 10.77.1.1,  stores 10.77.2.1
 *   node1:  bus 10.77.1.2,  stores 10.77.2.2  …
 * </pre>
 *
 * Over "bus" nodes talk with each other; over "stores" they reach consensus, and clients reach
 * them. Whoever makes faults runs in the hub, where the ends of all cables are.
 */
final class Namespaces implements Network {

  private static final int HAZELCAST_PORT = 15_701;
  private static final int HTTP_PORT = 8_480;
  private static final long COMMAND_SECONDS = 20;

  private final String prefix;
  private final List<Place> places;

  private Namespaces(String prefix, int nodes) {
    this.prefix = prefix;
    this.places = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      places.add(
          new Place(
              "node" + i,
              busAddress(i),
              HAZELCAST_PORT,
              storesAddress(i),
              HTTP_PORT,
              List.of("ip", "netns", "exec", node(i))));
    }
  }

  /** The address of the hub in the network of the stores. */
  static String hubAddress() {
    return storesAddress(253);
  }

  private static String busAddress(int i) {
    return "10.77.1." + (i + 1);
  }

  private static String storesAddress(int i) {
    return "10.77.2." + (i + 1);
  }

  private String node(int i) {
    return prefix + "-n" + i;
  }

  private String hub() {
    return prefix + "-hub";
  }

  /** What runs a command in the hub. */
  List<String> inHub() {
    return List.of("ip", "netns", "exec", hub());
  }

  /**
   * Makes them.
   *
   * @throws IOException if this machine does not allow it; the message says what it does not
   */
  static Namespaces make(int nodes) throws IOException, InterruptedException {
    Namespaces made = of("tm" + ProcessHandle.current().pid(), nodes);
    Runtime.getRuntime().addShutdownHook(new Thread(made::close));
    try {
      made.build();
      return made;
    } catch (IOException | InterruptedException | RuntimeException e) {
      made.close();
      throw e;
    }
  }

  /** Those that another process has made. */
  static Namespaces of(String prefix, int nodes) {
    return new Namespaces(prefix, nodes);
  }

  String prefix() {
    return prefix;
  }

  private void build() throws IOException, InterruptedException {
    command("bridge -V"); // cuts cables later
    ip("netns add " + hub());
    ip("-n " + hub() + " link set lo up");
    for (String bridge : List.of("bus", "stores", "other")) {
      ip("-n " + hub() + " link add " + bridge + " type bridge");
      ip("-n " + hub() + " link set " + bridge + " up");
    }
    ip("-n " + hub() + " addr add 10.77.1.254/24 dev bus");
    ip("-n " + hub() + " addr add " + hubAddress() + "/24 dev stores");
    for (int i = 0; i < places.size(); i++) {
      ip("netns add " + node(i));
      ip("-n " + node(i) + " link set lo up");
      cable(i, "bus", busAddress(i));
      cable(i, "stores", storesAddress(i));
    }
  }

  private void cable(int i, String bridge, String address)
      throws IOException, InterruptedException {
    String end = end(bridge, i);
    ip("-n " + hub() + " link add " + end + " type veth peer name " + bridge + " netns " + node(i));
    ip("-n " + hub() + " link set " + end + " master " + bridge);
    ip("-n " + hub() + " link set " + end + " up");
    ip("-n " + node(i) + " addr add " + address + "/24 dev " + bridge);
    ip("-n " + node(i) + " link set " + bridge + " up");
  }

  private static String end(String bridge, int i) {
    return bridge.charAt(0) + "" + i;
  }

  /** Cuts a node off from the other nodes. From the hub only. */
  void cutBus(int node) throws IOException, InterruptedException {
    state("bus", node, 0);
  }

  /** Cuts a node off from the stores and from clients. From the hub only. */
  void cutStores(int node) throws IOException, InterruptedException {
    state("stores", node, 0);
  }

  /** Puts nodes into a network of their own: they reach each other, and no other node. */
  void split(List<Integer> nodes) throws IOException, InterruptedException {
    for (int node : nodes) {
      ip("link set " + end("bus", node) + " master other");
    }
  }

  /** Mends every cable. From the hub only. */
  void heal() throws IOException, InterruptedException {
    for (int i = 0; i < places.size(); i++) {
      ip("link set " + end("bus", i) + " master bus");
      state("bus", i, 3);
      state("stores", i, 3);
    }
  }

  /** Disabled (0) loses everything in silence; forwarding (3) is as usual. */
  private static void state(String bridge, int i, int state)
      throws IOException, InterruptedException {
    command("bridge link set dev " + end(bridge, i) + " state " + state);
  }

  private static void ip(String arguments) throws IOException, InterruptedException {
    command("ip " + arguments);
  }

  private static void command(String line) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(Arrays.asList(line.split(" ", -1))).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("'" + line + "' failed: " + said.strip());
    }
  }

  @Override
  public List<Place> places() {
    return places;
  }

  /** Removes them, whatever of them is there; what is in them goes with them. */
  @Override
  public void close() {
    List<String> names = new ArrayList<>(List.of(hub()));
    for (int i = 0; i < places.size(); i++) {
      names.add(node(i));
    }
    for (String name : names) {
      if (!Files.exists(Path.of("/run/netns", name))) {
        continue;
      }
      try {
        command("ip netns del " + name);
      } catch (IOException e) {
        System.out.println("[faults] " + e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
