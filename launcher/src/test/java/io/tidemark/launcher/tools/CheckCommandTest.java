package io.tidemark.launcher.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.http.Client;
import io.tidemark.launcher.node.Node;
import io.tidemark.launcher.tools.DamagedStores.Run;
import io.tidemark.location.Await;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Real stores, really damaged. */
@ExtendWith(VertxExtension.class)
class CheckCommandTest {

  @TempDir private Path folder;

  private static void assertUnsound(Run run, String... words) {
    assertEquals(ExitCode.FAILURE.number(), run.exitCode(), run.out() + run.err());
    assertEquals("tidemark: 1 of 1 collections are not sound\n", run.err());
    assertTrue(
        run.out()
            .lines()
            .anyMatch(line -> Arrays.stream(words).allMatch(word -> line.contains(word))),
        run.out());
  }

  private static String key(Path root, Path part) {
    return root.relativize(part).toString();
  }

  @Test
  void shouldNameWhatIsDamagedInFiles(Vertx vertx) throws Exception {
    DamagedStores stores = new DamagedStores(DamagedStores.files(folder));
    stores.fill(vertx, "orders", 3);
    Run sound = stores.run("check");
    assertEquals(0, sound.exitCode(), sound.out() + sound.err());
    assertTrue(sound.out().startsWith("orders: sound ("), sound.out());
    assertEquals(sound, stores.run("check", "orders"));

    Path root = folder.resolve("parts");
    List<Path> parts = DamagedStores.parts(root);
    assertTrue(parts.size() >= 2, parts.toString());
    Path first = parts.get(0);
    Path second = parts.get(1);
    byte[] whole = Files.readAllBytes(first);

    Files.delete(first);
    assertUnsound(
        stores.run("check"), "orders: part " + key(root, first) + " is missing", "'restore'");

    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 4;
    Files.write(first, flipped);
    assertUnsound(
        stores.run("check"), "orders: part " + key(root, first) + " is damaged", "backup");

    Files.write(first, Arrays.copyOf(whole, whole.length / 2));
    assertUnsound(
        stores.run("check"),
        "part "
            + key(root, first)
            + " has "
            + whole.length / 2
            + " bytes instead of "
            + whole.length);

    Files.copy(second, first, StandardCopyOption.REPLACE_EXISTING);
    Files.write(second, whole);
    Run swapped = stores.run("check");
    assertUnsound(swapped, "part " + key(root, first));
    assertUnsound(swapped, "part " + key(root, second));
  }

  @Test
  void shouldNameAVersionThatIsGone(Vertx vertx) throws SQLException {
    DamagedStores stores = new DamagedStores(DamagedStores.files(folder));
    stores.fill(vertx, "orders", 3);
    try (Connection db =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("consensus.db"));
        Statement statement = db.createStatement()) {
      assertEquals(
          1, statement.executeUpdate("DELETE FROM version WHERE shard LIKE 's%' AND seqno = 2"));
    }
    assertUnsound(stores.run("check"), "orders: version 2 is missing from consensus");
  }

  @Test
  void shouldCheckBesideANodeThatWrites(Vertx vertx) {
    DamagedStores stores = new DamagedStores(DamagedStores.files(folder));
    Node node = stores.start(vertx);
    Client client = new Client(node.port());
    DamagedStores.create(client, "orders");
    for (int i = 0; i < 5; i++) {
      DamagedStores.publish(vertx, client, "orders", 10 * i, 10 * i + 10);
      Run run = stores.run("check");
      assertEquals(0, run.exitCode(), run.out() + run.err());
      DamagedStores.publish(vertx, client, "orders", 10 * i, 10 * i + 10);
    }
    Await.result(node.stop());
  }

  @Test
  void shouldSayInOneLineWhatIsNotThere(Vertx vertx) {
    DamagedStores none = new DamagedStores(DamagedStores.files(folder.resolve("none")));
    Run noFolder = none.run("check");
    assertEquals(ExitCode.USAGE.number(), noFolder.exitCode());
    assertTrue(noFolder.err().contains("there is no such folder"), noFolder.err());
    assertTrue(!Files.exists(folder.resolve("none")), "an empty store was made");

    Run memory = new DamagedStores(new JsonObject().put("store.consensus", "memory:")).run("check");
    assertEquals(ExitCode.USAGE.number(), memory.exitCode());

    DamagedStores stores = new DamagedStores(DamagedStores.files(folder));
    stores.fill(vertx, "orders", 1);
    Run unknown = stores.run("check", "other");
    assertEquals(ExitCode.FAILURE.number(), unknown.exitCode());
    assertTrue(unknown.err().startsWith("tidemark: there is no collection 'other'"), unknown.err());
    assertEquals(1, unknown.err().lines().count());
  }
}
