package io.tidemark.launcher.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.TestCertificates;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {

  private static final Path ROOT = Path.of("..");

  @TempDir private Path folder;

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
    assertWrong(
        "sqlite:FOLDER or postgresql://USER@HOST/DATABASE or s3://BUCKET or memory:",
        "{\"store\":{\"consensus\":\"mysql:x\"}}");
  }

  @Test
  void shouldRefuseWhatIsOutOfRange() {
    assertWrong(
        "'http.port' is 65536: it has to be a whole number from 0 to 65535",
        "{\"http\":{\"port\":65536}}");
    assertWrong("'write.instances' is 0", "{\"write\":{\"instances\":0}}");
  }

  @Test
  void shouldTakeATokenOrTheFileThatHasIt() throws IOException {
    assertNull(NodeConfig.DEFAULTS.http().token());
    String text = "{\"http\":{\"token\":\"open-sesame\"}}";
    assertTrue(read(text).http().token().matches("open-sesame"));
    Path file = Files.writeString(folder.resolve("token"), "open-sesame\nof the till\n");
    String named = new JsonObject().put("http.tokenFile", file.toString()).encode();
    assertTrue(read(named).http().token().matches("open-sesame"));
    assertFalse(read(named).http().token().matches("open-sesam"));
    assertFalse(read(text).toString().contains("sesame"));
    assertWrong("both given", "{\"http\":{\"token\":\"a\",\"tokenFile\":\"" + file + "\"}}");
    assertWrong("'no-such-file': NoSuch", "{\"http\":{\"tokenFile\":\"no-such-file\"}}");
    Path empty = Files.writeString(folder.resolve("empty"), "\n");
    assertWrong("first line of", "{\"http\":{\"tokenFile\":\"" + empty + "\"}}");
    String longest = "x".repeat(Token.MAX_CHARACTERS);
    assertTrue(Token.of(longest, "it").matches(longest));
    Path tooLong = Files.writeString(folder.resolve("long"), longest + "x");
    assertWrong("first line of", "{\"http\":{\"tokenFile\":\"" + tooLong + "\"}}");
  }

  @Test
  void shouldShowNoTokenEvenIfItIsWrong() {
    for (String wrong : List.of("\"seven 7\"", "7777", "[7]", "\" 7\"", "\"\"")) {
      String message =
          assertThrows(ConfigException.class, () -> read("{\"http\":{\"token\":" + wrong + "}}"))
              .getMessage();
      assertTrue(message.contains("'http.token'") && !message.contains("7"), message);
    }
  }

  @Test
  void shouldTakeAllFilesOfTlsOrNone() {
    TestCertificates made = TestCertificates.create(folder, "node");
    JsonObject cluster =
        new JsonObject()
            .put("certFile", made.serverCertificate().toString())
            .put("keyFile", made.serverKey().toString())
            .put("caFile", made.ca().toString());
    JsonObject http = cluster.copy();
    Object unused = http.remove("caFile");
    JsonObject all =
        new JsonObject()
            .put("cluster", new JsonObject().put("tls", cluster).put("port", 7))
            .put("http", new JsonObject().put("tls", http));
    NodeConfig config = read(all.encode());
    TlsFiles own = new TlsFiles(made.serverCertificate(), made.serverKey(), made.ca());
    assertEquals(
        new NodeConfig.Cluster("127.0.0.1", 7, "conf/hazelcast.xml", own), config.cluster());
    assertEquals(new TlsFiles(own.certFile(), own.keyFile(), null), config.http().tls());
    assertEquals("https", config.http().scheme());
    assertNull(NodeConfig.DEFAULTS.cluster().tls());

    Object unusedToo = cluster.remove("keyFile");
    assertWrong("only cluster.tls.certFile, cluster.tls.caFile is given", all.encode());
    assertWrong(
        "'http.tls.clientCaFile' takes",
        new JsonObject().put("http.tls.clientCaFile", made.ca().toString()).encode());
    http.put("keyFile", "no-such-file");
    assertWrong(
        "key file 'no-such-file': NoSuchFileException",
        new JsonObject().put("http", new JsonObject().put("tls", http)).encode());
    assertWrong("'http.tls' is 7", "{\"http\":{\"tls\":7}}");
    assertWrong("did you mean 'http.tls.keyFile'?", "{\"http\":{\"tls\":{\"keyFil\":\"x\"}}}");
  }

  @Test
  void shouldWantATokenWhereOthersListen() {
    Token token = Token.of("x", "it");
    for (String local : List.of("127.0.0.1", "127.1.2.3", "localhost", "::1")) {
      NodeConfig.DEFAULTS.withHttp(local, 0).http().check();
    }
    for (String open : List.of("0.0.0.0", "::", "192.0.2.1", "no-such-host.invalid")) {
      NodeConfig.Http http = NodeConfig.DEFAULTS.withHttp(open, 0).http();
      String message = assertThrows(ConfigException.class, http::check).getMessage();
      assertTrue(message.contains("'http.host' is " + open), message);
      new NodeConfig.Http(open, 0, 1024, token, null).check();
    }
  }

  @Test
  void shouldShowNoPassword() {
    String wrong = "{\"store\":{\"consensus\":\"postgres://me:s3@cret@host/db\"}}";
    String message = assertThrows(ConfigException.class, () -> read(wrong)).getMessage();
    assertTrue(message.contains("postgres://me:***@host/db"), message);
    NodeConfig right =
        read("{\"store\":{\"consensus\":\"postgresql://me:s3cret@host/db?schema=a\"}}");
    assertEquals("postgresql://me:***@host/db?schema=a", right.store().shownConsensus());
    assertFalse(right.toString().contains("s3cret"), right.toString());
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
      documented = lines.filter(line -> line.matches("\\| `[a-zA-Z]+\\..*")).toList();
    }
    assertEquals(
        Arrays.stream(ConfigKey.values())
            .map(
                key ->
                    String.format(
                        "| `%s` | %s | %s | %s |",
                        key.path(),
                        key.defaultValue().equals("") ? "none" : "`" + key.defaultValue() + "`",
                        key.range(),
                        key.description()))
            .toList(),
        documented);
  }
}
