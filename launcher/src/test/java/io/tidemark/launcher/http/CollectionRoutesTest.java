package io.tidemark.launcher.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.launcher.http.Client.Reply;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class CollectionRoutesTest {

  @TempDir private static Path folder;

  private static NodeFixture node;
  private static Client client;

  @BeforeAll
  static void start() {
    node = new NodeFixture(folder);
    client = node.client();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void shouldCreateListAndDescribe() {
    Reply created = client.create("made");
    assertEquals(201, created.status(), created.body());
    assertEquals("made", created.json().getString("name"));
    assertTrue(client.get("/collections").body().contains("\"made\""));
    JsonObject described = client.get("/collections/made").json();
    assertEquals("ingest", described.getString("mode"));
    assertTrue(described.getLong("epoch") >= 1);
    assertEquals("application/json", created.raw().headers().firstValue("content-type").get());
  }

  @Test
  void shouldTakeACreationOfWhatIsThereForDone() {
    assertEquals(201, client.create("twice").status());
    assertEquals(200, client.create("twice").status());
    JsonObject other = Client.spec("twice");
    other.put("mode", "source");
    Reply refused = client.post("/collections", other.encode());
    assertEquals(409, refused.status());
    assertEquals("COLLECTION_EXISTS", refused.code());
  }

  @Test
  void shouldAlterTheRetention() {
    assertEquals(
        201,
        client.post("/collections", Client.spec("kept").put("retention", "7d").encode()).status());
    assertEquals(
        200,
        client.post("/collections", Client.spec("kept").put("retention", "P7D").encode()).status(),
        "the same in other words");
    Reply altered = client.patch("/collections/kept", "{\"retention\":\"12h\"}");
    assertEquals(200, altered.status(), altered.body());
    assertEquals(43_200_000, altered.json().getLong("retention"));
    assertEquals(43_200_000, client.get("/collections/kept").json().getLong("retention"));
    assertEquals(200, client.create("kept").status(), "nothing is said of the retention");
    assertRefused(
        409,
        "COLLECTION_EXISTS",
        "alter it",
        client.post("/collections", Client.spec("kept").put("retention", "7d").encode()));
    assertRefused(
        400, "INVALID_ROW", "'12'", client.patch("/collections/kept", "{\"retention\":\"12\"}"));
    assertRefused(
        400, "INVALID_ROW", "nothing is to be changed", client.patch("/collections/kept", "{}"));
    assertRefused(
        404,
        "UNKNOWN_COLLECTION",
        "'none'",
        client.patch("/collections/none", "{\"retention\":\"12h\"}"));
  }

  @Test
  void shouldDropACollection() {
    assertEquals(201, client.create("going").status());
    assertEquals(200, client.post("/collections/going/rows", "{\"id\":1}").status());
    Reply dropped = client.delete("/collections/going");
    assertEquals(200, dropped.status(), dropped.body());
    assertEquals("going", dropped.json().getString("name"));
    assertRefused(404, "UNKNOWN_COLLECTION", "'going'", client.delete("/collections/going"));
    assertRefused(404, "UNKNOWN_COLLECTION", "'going'", client.get("/collections/going/snapshot"));
    assertRefused(
        404, "UNKNOWN_COLLECTION", "'going'", client.post("/collections/going/rows", "{\"id\":1}"));
    assertEquals(
        dropped.json().getString("shard"),
        client
            .get("/collections")
            .json()
            .getJsonArray("dropping")
            .getJsonObject(0)
            .getString("shard"));

    assertEquals(201, client.create("going").status());
    assertEquals("", client.get("/collections/going/snapshot").body());
    assertEquals(200, client.post("/collections/going/rows", "{\"id\":2}").status());
    assertEquals(1, client.get("/collections/going/snapshot").lines().size());
  }

  @Test
  void shouldAlterTheColumns() {
    assertEquals(201, client.create("wider").status());
    String rows = "/collections/wider/rows";
    assertEquals(200, client.post(rows, "{\"id\":1,\"name\":\"a\"}").status());
    String noted = "{\"id\":2,\"note\":\"n\"}";
    assertRefused(400, "INVALID_ROW", "note", client.post(rows, noted));

    Reply altered =
        client.patch(
            "/collections/wider",
            "{\"addColumns\":[{\"name\":\"note\",\"type\":\"string\"}],\"nullable\":[\"id\"]}");

    assertEquals(200, altered.status(), altered.body());
    assertEquals(3, altered.json().getJsonArray("columns").size());
    assertEquals(200, client.post(rows, noted).status());
    String numbered = "{\"name\":\"nobody\"}";
    assertEquals(
        200,
        client.post(rows, numbered, "Tidemark-Producer", "p", "Tidemark-Sequence", "1").status());
    assertEquals(
        List.of("1,a,,1", "2,,n,1", ",nobody,,1", "id,name,note,_diff").stream().sorted().toList(),
        client.get("/collections/wider/snapshot?format=csv").lines().stream()
            .map(line -> line.replace(",_error", "").replaceAll(",$", ""))
            .sorted()
            .toList());
    assertRefused(
        400,
        "INVALID_ROW",
        "'what'",
        client.patch("/collections/wider", "{\"nullable\":[\"what\"]}"));
  }

  @Test
  void shouldSayWhatIsWrongWithACreation() {
    assertRefused(400, "INVALID_ROW", "JSON object", client.post("/collections", "{"));
    assertRefused(400, "INVALID_ROW", "JSON object", client.post("/collections", "[1]"));
    assertRefused(400, "INVALID_ROW", "name", client.post("/collections", "{}"));
    assertRefused(
        400,
        "INVALID_ROW",
        "'colums' is no property",
        client.post("/collections", "{\"name\":\"a\",\"colums\":[]}"));
    assertRefused(
        413, "TOO_LARGE", "1048576 bytes", client.post("/collections", " ".repeat(1 << 21)));
  }

  @Test
  void shouldKnowNoOtherCollection() {
    assertRefused(404, "UNKNOWN_COLLECTION", "'none'", client.get("/collections/none"));
    assertRefused(404, "UNKNOWN_COLLECTION", "'none'", client.get("/collections/none/snapshot"));
    assertRefused(404, "UNKNOWN_COLLECTION", "'none'", client.post("/collections/none/rows", "{}"));
    assertRefused(404, "UNKNOWN_COLLECTION", "'none'", client.post("/collections/none/open", "{}"));
  }

  @Test
  void shouldSayWhatPathsThereAre() {
    assertRefused(404, "NOT_FOUND", "http.md", client.get("/nothing"));
    assertRefused(405, "METHOD_NOT_ALLOWED", "http.md", client.post("/collections/made", "{}"));
  }

  @Test
  void shouldOpenASession() {
    assertEquals(201, client.create("opened").status());
    Reply opened = client.post("/collections/opened/open", "{\"producer\":\"p\"}");
    assertEquals(200, opened.status(), opened.body());
    assertEquals(0, opened.json().getLong("sequence"));
    assertEquals(0, opened.json().getLong("updates"));
    assertRefused(
        400,
        "INVALID_ROW",
        "does not begin with '~'",
        client.post("/collections/opened/open", "{\"producer\":\"~\"}"));
  }

  @Test
  void shouldTellItsHealth() {
    Reply health = client.get("/health");
    assertEquals(200, health.status());
    assertEquals("up", health.json().getString("status"));
  }

  static void assertRefused(int status, String code, String text, Reply reply) {
    assertEquals(status, reply.status(), reply.body());
    assertEquals(code, reply.code());
    assertTrue(reply.message().contains(text), reply.message());
  }
}
