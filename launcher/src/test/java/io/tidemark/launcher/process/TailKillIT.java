package io.tidemark.launcher.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.launcher.cluster.Eventually;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tail} prints each row once, whenever the node dies that it follows. */
class TailKillIT {

  private static final int KILLS = 6;
  private static final int ROWS = 5_000;
  private static final int MAX_DELAY_MILLIS = 500;

  @TempDir private Path folder;

  @Test
  void shouldPrintEachRowOnceThroughKills() {
    Seeds.forEach(1, seed -> run(new SplittableRandom(seed)));
  }

  private void run(SplittableRandom random) {
    try (NodeProcess node = new NodeProcess(folder)) {
      node.start();
      node.awaitReady();
      assertNotNull(node.run("create", "rows", "--column=id:int64"));
      try (JarProcess tail =
              JarProcess.start(
                  folder,
                  List.of("-Xmx64m"),
                  List.of("tail", "rows", "--from=snapshot", "--url=" + node.url()));
          JarProcess publisher =
              JarProcess.start(
                  folder,
                  List.of("-Xmx64m"),
                  List.of("publish", "rows", "--producer=p", "--url=" + node.url()))) {
        OutputStream rows = publisher.in();
        int sent = 0;
        for (int kill = 0; kill < KILLS; kill++) {
          for (int i = 0; i < ROWS; i++) {
            rows.write(("{\"id\":" + sent++ + "}\n").getBytes(StandardCharsets.US_ASCII));
          }
          rows.flush();
          NodeProcess.pause(random.nextInt(MAX_DELAY_MILLIS));
          node.kill();
          node.start();
          node.awaitReady();
        }
        rows.close();
        assertEquals(0, publisher.exitCode(), publisher.err());
        int all = sent;
        Eventually.eventually(() -> tail.out().lines().count() >= all);
        assertTrue(tail.isAlive(), tail.err());
        assertEachOnce(tail, sent);
        assertTrue(tail.terminate() > 0);
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertEachOnce(JarProcess tail, int sent) {
    TreeMap<Integer, Integer> seen = new TreeMap<>();
    tail.out()
        .lines()
        .map(JsonObject::new)
        .forEach(row -> seen.merge(row.getInteger("id"), row.getInteger("_diff"), Integer::sum));
    long once = seen.values().stream().filter(count -> count == 1).count();
    System.out.printf("tail: %d kill -9 of the node, %,d rows, %,d once%n", KILLS, sent, once);
    assertEquals(sent, seen.size());
    assertEquals(sent, once);
    assertEquals(sent, tail.out().lines().count());
  }
}
