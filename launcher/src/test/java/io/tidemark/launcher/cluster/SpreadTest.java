package io.tidemark.launcher.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SpreadTest {

  private static final int MAX_NODES = 7;
  private static final int MAX_COLLECTIONS = 60;

  @Test
  void shouldRankEveryNodeOnce() {
    List<String> nodes = List.of("a", "b", "c");
    Set<Integer> ranks = new HashSet<>();
    nodes.forEach(node -> ranks.add(new Spread(node, nodes, Map.of()).rank("orders")));
    assertEquals(Set.of(0, 1, 2), ranks);
  }

  @Test
  void shouldRankAnUnknownNodeFirst() {
    assertEquals(0, new Spread("x", List.of(), Map.of()).rank("orders"));
  }

  @Test
  void shouldLetWhoHasLessTryFirst() {
    Map<String, String> holders = Map.of("a", "one", "b", "one");
    assertEquals(0, new Spread("two", List.of("one", "two"), holders).rank("c"));
    assertEquals(1, new Spread("one", List.of("one", "two"), holders).rank("c"));
  }

  @Test
  void shouldKeepAShareThatIsFair() {
    Map<String, String> holders = Map.of("a", "one", "b", "one", "c", "two");
    assertEquals(Optional.empty(), new Spread("one", List.of("one", "two"), holders).surplus());
    assertEquals(Optional.empty(), new Spread("two", List.of("one", "two"), holders).surplus());
    assertEquals(Optional.empty(), new Spread("one", List.of("one"), holders).surplus());
  }

  /** Every surplus goes to somebody else, and after a while nobody has one. */
  @Test
  void shouldComeToRest() {
    Seeds.forEach(50, seed -> settle(new SplittableRandom(seed)));
  }

  private static void settle(SplittableRandom random) {
    List<String> nodes = new ArrayList<>();
    for (int i = random.nextInt(MAX_NODES); i >= 0; i--) {
      nodes.add("n" + random.nextInt(1_000_000));
    }
    Map<String, String> holders = new HashMap<>();
    for (int i = random.nextInt(MAX_COLLECTIONS); i >= 0; i--) {
      holders.put("c" + i, random.nextInt(3) == 0 ? "gone" : nodes.get(0));
    }
    holders.replaceAll(
        (name, node) -> node.equals("gone") ? first(nodes, holders, name, "gone") : node);
    int moves = 0;
    while (move(nodes, holders)) {
      assertTrue(++moves <= MAX_COLLECTIONS, () -> "it goes on for ever: " + holders);
    }
    int share = (holders.size() + nodes.size() - 1) / nodes.size();
    for (String node : nodes) {
      long held = holders.values().stream().filter(node::equals).count();
      assertTrue(held <= share, () -> node + " has more than " + share + ": " + holders);
    }
  }

  private static boolean move(List<String> nodes, Map<String, String> holders) {
    boolean moved = false;
    for (String node : nodes) {
      Optional<String> surplus = new Spread(node, nodes, Map.copyOf(holders)).surplus();
      if (surplus.isPresent()) {
        String taker = first(nodes, holders, surplus.get(), node);
        assertNotEquals(node, taker);
        holders.put(surplus.get(), taker);
        moved = true;
      }
    }
    return moved;
  }

  /** Who takes a lease that {@code holder} has just given up. */
  private static String first(
      List<String> nodes, Map<String, String> holders, String name, String holder) {
    Map<String, String> left = new HashMap<>(holders);
    assertTrue(left.remove(name, holder));
    return nodes.stream()
        .filter(node -> new Spread(node, nodes, left).rank(name) == 0)
        .findFirst()
        .orElseThrow();
  }
}
