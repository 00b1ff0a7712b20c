package io.tidemark.launcher.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConfigReaderTest {

  private static final Path ROOT = Path.of("..");

  private static NodeConfig read(String json) {
    return ConfigReader.read(new JsonObject(json));
  }

  private static void assertWrong(String text, String json) {
    String message = assertThrows(ConfigException.class, () -> read(json)).getMessage();
    assertTrue(message.contains(text), message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void shouldNeedNothing() {
    assertEquals(NodeConfig.DEFAULTS, read("{}"));
    assertEquals(8480, NodeConfig.DEFAULTS.http().port());
    assertEquals("127.0.0.1", NodeConfig.DEFAULTS.http().host());
  }

  @Test
  void shouldTakeWhatIsGiven() {
    NodeConfig config = read("{\"http\":{\"port\":0},\"write\":{\"memoryBytes\":8000000}}");
    assertEquals(0, config.http().port());
    assertEquals(8_000_000, config.rowMemoryBytes());
    assertEquals("127.0.0.1", config.http().host());
  }

  @Test
  void shouldLetAPropertyWin() {
    Properties properties = new Properties();
    properties.setProperty("tidemark.http.port", "9");
    properties.setProperty("tidemark.store.blob", "memory:");
    NodeConfig config = ConfigReader.read(new JsonObject("{\"http\":{\"port\":7}}"), properties);
    assertEquals(9, config.http().port());
    assertEquals("memory:", config.store().blob());
    properties.setProperty("tidemark.http.port", "many");
    assertThrows(ConfigException.class, () -> ConfigReader.read(new JsonObject(), properties));
  }

  @Test
  void shouldSuggestTheKeyThatWasMeant() {
    assertWrong("no key 'http.prot'", "{\"http\":{\"prot\":1}}");
    assertWrong("did you mean 'http.port'?", "{\"http\":{\"prot\":1}}");
    assertWrong("did you mean 'http.host'?", "{\"htp.host\":\"x\"}");
    assertWrong("the keys are http.host, ", "{\"database\":\"x\"}");
  }

  @Test
  void shouldRefuseAnotherType() {
    assertWrong(
        "'http.port' is \"8480\": it has to be a whole number", "{\"http\":{\"port\":\"8480\"}}");
    assertWrong("'http.port' is 1.5", "{\"http\":{\"port\":1.5}}");
    assertWrong("'http.port' is null", "{\"http\":{\"port\":null}}");
    assertWrong("'http.host' is 7: it has to be a text", "{\"http\":{\"host\":7}}");
    assertWrong("'http' is 8480: it has to be an object", "{\"http\":8480}");
    assertWrong("sqlite:FOLDER or memory:", "{\"store\":{\"consensus\":\"mysql:x\"}}");
  }

  @Test
  void shouldRefuseWhatIsOutOfRange() {
    assertWrong(
        "'http.port' is 65536: it has to be a whole number from 0 to 65535",
        "{\"http\":{\"port\":65536}}");
    assertWrong("'write.instances' is 0", "{\"write\":{\"instances\":0}}");
  }

  @Test
  void shouldShipAConfigurationThatHolds() throws IOException {
    String dev = Files.readString(ROOT.resolve("conf/dev.json"));
    assertEquals(NodeConfig.DEFAULTS, read(dev));
  }

  @Test
  void shouldDocumentEveryKey() throws IOException {
    List<String> documented;
    try (Stream<String> lines = Files.lines(ROOT.resolve("docs/reference/configuration.md"))) {
      documented = lines.filter(line -> line.startsWith("| `")).toList();
    }
    assertEquals(
        Arrays.stream(ConfigKey.values())
            .map(
                key ->
                    String.format(
                        "| `%s` | `%s` | %s | %s |",
                        key.path(), key.defaultValue(), key.range(), key.description()))
            .toList(),
        documented);
  }
}
