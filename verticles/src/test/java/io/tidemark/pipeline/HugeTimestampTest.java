package io.tidemark.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tidemark.location.ChildJvm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * More updates at one single time than there is memory for: {@code -Dhuge.updates=N} says how many.
 */
class HugeTimestampTest {

  private static final Logger log = LoggerFactory.getLogger(HugeTimestampTest.class);

  private static final long UPDATES = Long.getLong("huge.updates", 20_000_000);

  @TempDir Path directory;

  @Test
  void shouldTakeAGigabyteAtOneTimeIntoASmallHeap() throws Exception {
    List<String> lines = new ArrayList<>();
    List<String> options =
        List.of(
            "-Xmx256m",
            "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener");
    try (ChildJvm child =
        ChildJvm.startWith(
            options, HugeTimestamp.class, directory, directory.toString(), "" + UPDATES)) {
      String line = child.line();
      while (!line.equals("end")) {
        log.info("{}", line);
        lines.add(line);
        assertFalse(line.startsWith("failed"), line);
        line = child.line();
      }
    }
    assertEquals("" + UPDATES, valueOf("updates", lines));
    assertEquals("" + UPDATES, valueOf("rows", lines));
    assertEquals("" + UPDATES * (UPDATES - 1) / 2, valueOf("sum", lines));
  }

  private static String valueOf(String name, List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith(name + " "))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElse("missing");
  }
}
