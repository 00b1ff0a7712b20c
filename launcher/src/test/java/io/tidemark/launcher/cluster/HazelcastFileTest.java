package io.tidemark.launcher.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hazelcast.config.Config;
import io.tidemark.launcher.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HazelcastFileTest {

  @TempDir private Path folder;

  private String message(String xml) throws IOException {
    Path file = Files.writeString(folder.resolve("hazelcast.xml"), xml);
    String message =
        assertThrows(ConfigException.class, () -> HazelcastFile.read(file.toString())).getMessage();
    assertEquals(1, message.lines().count());
    return message;
  }

  @Test
  void shouldSayInOneLineWhatIsWrong() throws IOException {
    assertTrue(message("<hazelcast").contains("is no configuration of Hazelcast"));
    String unknown =
        "<hazelcast xmlns=\"http://www.hazelcast.com/schema/config\"><nett/></hazelcast>";
    assertTrue(message(unknown).contains("nett"), message(unknown));
    String missing = folder.resolve("none.xml").toString();
    String text =
        assertThrows(ConfigException.class, () -> HazelcastFile.read(missing)).getMessage();
    assertTrue(text.contains("cannot read '" + missing + "'"), text);
  }

  /** Nothing of it leaves the machine, and what Vert.x needs survives two deaths. */
  @Test
  void shouldShipAFileForOneMachine() {
    Config shipped = HazelcastFile.read("../conf/hazelcast.xml");
    assertFalse(shipped.getNetworkConfig().getJoin().getMulticastConfig().isEnabled());
    assertFalse(shipped.getNetworkConfig().getJoin().isAutoDetectionEnabled());
    assertTrue(shipped.getNetworkConfig().getInterfaces().isEnabled());
    assertEquals("false", shipped.getProperty("hazelcast.socket.bind.any"));
    assertEquals("false", shipped.getProperty("hazelcast.phone.home.enabled"));
    assertEquals(2, shipped.getMultiMapConfig("__vertx.subs").getBackupCount());
    assertEquals(2, shipped.getMapConfig("__vertx.nodeInfo").getBackupCount());
    assertEquals(2, shipped.getMapConfig("tidemark.leases").getBackupCount());
  }
}
