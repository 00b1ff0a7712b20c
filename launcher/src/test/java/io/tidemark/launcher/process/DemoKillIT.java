package io.tidemark.launcher.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.launcher.demo.DemoCheck;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo goes on where it was killed, and ends with the same contents. */
class DemoKillIT {

  private static final int KILLS = 4;
  private static final int MAX_DELAY_MILLIS = 1_500;

  @TempDir private Path folder;

  @Test
  void shouldGoOnWhereItWasKilled() {
    Seeds.forEach(
        1,
        seed -> {
          try {
            run(new SplittableRandom(seed));
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  private void run(SplittableRandom random) throws Exception {
    for (int kill = 0; kill < KILLS; kill++) {
      try (JarProcess demo = demo("6000")) {
        while (demo.isAlive() && !demo.err().contains("staged")) {
          NodeProcess.pause(20);
        }
        NodeProcess.pause(random.nextInt(MAX_DELAY_MILLIS));
        demo.kill();
      }
    }
    try (JarProcess demo = demo("0")) {
      assertEquals(0, demo.exitCode(), () -> demo.out() + demo.err());
      assertTrue(demo.out().contains("The demo went on where an earlier run had stopped"));
    }
    // What the killed ones had uploaded and not committed lies in the same folder.
    DemoCheck.assertDuckDbAgrees(folder.resolve("tidemark-demo"));
    try (JarProcess demo = demo("0")) {
      assertEquals(0, demo.exitCode(), () -> demo.out() + demo.err());
      assertTrue(demo.out().contains("Everything was there already"), demo.out());
    }
  }

  private JarProcess demo(String rate) throws Exception {
    return JarProcess.start(folder, List.of("-Xmx192m"), List.of("demo", "--rate", rate));
  }
}
