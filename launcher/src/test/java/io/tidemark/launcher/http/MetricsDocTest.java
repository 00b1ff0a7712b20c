package io.tidemark.launcher.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What docs/reference/metrics.md lists is what a node shows. */
@Timeout(120)
class MetricsDocTest {

  /** What a run without trouble does not count. */
  private static final Set<String> RARE =
      Set.of(
          "tidemark_append_mismatches_total",
          "tidemark_epochs_planned_total",
          "tidemark_fenced_total",
          "tidemark_http_unauthorized_total",
          "tidemark_updates_read_total",
          "tidemark_updates_skipped_total");

  @TempDir private Path folder;

  @Test
  void shouldListWhatANodeShows() throws IOException {
    Set<String> shown = new TreeSet<>();
    String text;
    try (NodeFixture node = new NodeFixture(folder)) {
      Client client = node.client();
      assertEquals(201, client.create("counted").status());
      assertEquals(200, client.post("/collections/counted/rows", "{\"id\":1}").status());
      String[] gap = {RowRoutes.PRODUCER, "p", RowRoutes.SEQUENCE, "9"};
      assertEquals(409, client.post("/collections/counted/rows", "{\"id\":1}", gap).status());
      text = client.get("/metrics").body();
    }
    Matcher types = Pattern.compile("(?m)^# TYPE (\\S+) ").matcher(text);
    while (types.find()) {
      shown.add(types.group(1));
    }
    assertTrue(text.contains("tidemark_updates_committed_total{collection=\"counted\""), text);
    String doc = Files.readString(Path.of("../docs/reference/metrics.md"));
    Set<String> documented = new TreeSet<>();
    Matcher names = Pattern.compile("(?m)^\\| `(\\w+)`").matcher(doc);
    while (names.find()) {
      documented.add(names.group(1));
    }
    Set<String> expected = of("tidemark_", shown);
    expected.addAll(RARE);
    assertEquals(expected, of("tidemark_", documented));
    assertTrue(
        documented.containsAll(of("vertx_", shown)),
        () -> "not documented: " + of("vertx_", shown) + " of " + documented);
    for (String prefix : Set.of("jvm_", "process_", "system_")) {
      assertTrue(!of(prefix, shown).isEmpty() && doc.contains("`" + prefix + "*`"), prefix);
    }
    for (String name : of("", shown)) {
      assertTrue(
          name.matches("(tidemark|vertx|jvm|process|system)_.*"), name + " is of no known family");
    }
  }

  private static Set<String> of(String prefix, Set<String> names) {
    Set<String> found = new TreeSet<>(names);
    found.removeIf(name -> !name.startsWith(prefix));
    return found;
  }
}
