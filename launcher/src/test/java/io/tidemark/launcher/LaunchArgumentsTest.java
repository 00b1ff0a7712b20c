package io.tidemark.launcher;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.launcher.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaunchArgumentsTest {

  private static void assertWrong(String text, String... args) {
    String message =
        assertThrows(ConfigException.class, () -> LaunchArguments.check(args)).getMessage();
    assertTrue(message.contains(text), message);
  }

  @Test
  void shouldRefuseWhatTheLauncherWouldOnlyWarnOf(@TempDir Path folder) throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.json"), "{\"http\":");
    assertWrong("is no JSON object", "-conf", broken.toString());
    assertWrong("is no JSON object", "-conf=" + broken);
    assertWrong("is no JSON object", "--conf", "{oops}");
    assertWrong("cannot read the configuration 'none.json'", "-CONF", "none.json");
    assertDoesNotThrow(() -> LaunchArguments.check(new String[] {"-conf", "{}"}));
  }

  @Test
  void shouldKnowAClusteredNode() {
    assertTrue(LaunchArguments.isClustered(new String[] {"-conf", "{}", "-Cluster"}));
    assertTrue(LaunchArguments.isClustered(new String[] {"-c"}));
    assertFalse(LaunchArguments.isClustered(new String[] {"-conf", "{}"}));
  }
}
