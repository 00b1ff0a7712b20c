package io.tidemark.launcher.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.launcher.Metrics;
import io.tidemark.launcher.config.ConfigException;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.launcher.config.Token;
import io.tidemark.launcher.http.Client.Reply;
import io.tidemark.launcher.node.Node;
import io.tidemark.location.Await;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that wants a token. */
@Timeout(120)
class TokenGateTest {

  private static final String TOKEN = "c2VjcmV0/to+ken==";
  private static final String HEADER = "Authorization";

  @TempDir private Path folder;

  private NodeConfig config(String host) {
    NodeConfig.Http http = new NodeConfig.Http(host, 0, 1 << 20, Token.of(TOKEN, "the test"), null);
    return NodeConfig.DEFAULTS.withData(folder).withHttp(http);
  }

  @Test
  void shouldLetNobodyInWithoutTheToken() {
    // On all interfaces, since there is a token.
    try (NodeFixture node = new NodeFixture(config("0.0.0.0"))) {
      Client client = node.client();
      assertEquals(200, client.get("/health").status());
      for (String path : List.of("/metrics", "/collections", "/collections/a/snapshot", "/none")) {
        Reply refused = client.get(path);
        assertEquals(401, refused.status(), path);
        assertEquals("UNAUTHORIZED", refused.code());
        assertEquals("Bearer", refused.raw().headers().firstValue("WWW-Authenticate").orElse(""));
        assertTrue(refused.message().contains("Authorization: Bearer"), refused.message());
      }
      for (String wrong :
          List.of("Bearer " + TOKEN + "x", "Bearer " + TOKEN.substring(1), "Bearer ", TOKEN)) {
        Reply refused = client.get("/collections", HEADER, wrong);
        assertEquals(401, refused.status(), wrong);
        assertFalse(refused.body().contains(TOKEN.substring(0, 8)), refused.body());
      }
      assertEquals(401, client.create("a").status());
      String large = "{\"id\":1}\n".repeat(1 << 17);
      assertEquals(401, client.post("/collections/a/rows", large).status());

      String shown = "bearer " + TOKEN;
      assertEquals(
          "{\"collections\":[],\"dropping\":[]}",
          client.get("/collections", HEADER, shown).body().strip());
      String spec = Client.spec("a").encode();
      assertEquals(201, client.post("/collections", spec, HEADER, shown).status());
      assertEquals(200, client.post("/collections/a/rows", "{\"id\":1}", HEADER, shown).status());
      String metrics = client.get("/metrics", HEADER, "Bearer " + TOKEN).body();
      assertTrue(metrics.contains("\ntidemark_http_unauthorized_total 10.0\n"), metrics);
    }
  }

  @Test
  void shouldNotServeOthersWithoutAToken() {
    Vertx vertx = Vertx.vertx();
    try {
      NodeConfig open = NodeConfig.DEFAULTS.withData(folder.resolve("data")).withHttp("0.0.0.0", 0);
      ConfigException refused =
          Await.failure(ConfigException.class, Node.start(vertx, open, Metrics.registry()));
      assertTrue(refused.getMessage().contains("http.tokenFile"), refused.getMessage());
      assertFalse(Files.exists(folder.resolve("data")));
    } finally {
      Await.result(vertx.close());
    }
  }
}
