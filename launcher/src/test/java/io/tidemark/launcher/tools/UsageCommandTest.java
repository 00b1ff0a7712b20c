package io.tidemark.launcher.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.launcher.tools.DamagedStores.Run;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
class UsageCommandTest {

  @TempDir private Path folder;

  private static JsonObject usage(DamagedStores stores, String name, String... more) {
    String[] arguments =
        Stream.concat(Stream.of("usage", "--json"), Stream.of(more)).toArray(String[]::new);
    Run run = stores.run(arguments);
    assertEquals(0, run.exitCode(), run.err());
    return new JsonObject(run.out())
        .getJsonArray("collections").stream()
            .map(JsonObject.class::cast)
            .filter(each -> each.getString("name").equals(name))
            .findFirst()
            .orElseThrow();
  }

  private static long count(JsonObject row, String column) {
    return row.getJsonObject(column).getLong("count");
  }

  private static long bytes(JsonObject row, String column) {
    return row.getJsonObject(column).getLong("bytes");
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void shouldAccountForEveryObject(Vertx vertx) throws IOException {
    DamagedStores stores = new DamagedStores(DamagedStores.files(folder));
    stores.fill(vertx, "orders", 3);
    Path root = folder.resolve("parts");
    List<Path> parts = DamagedStores.parts(root);
    JsonObject before = usage(stores, "orders");
    long partBytes = parts.stream().mapToLong(UsageCommandTest::size).sum();
    assertEquals(
        parts.size(),
        count(before, "current") + count(before, "history") + count(before, "inFlight"));
    assertEquals(
        partBytes, bytes(before, "current") + bytes(before, "history") + bytes(before, "inFlight"));
    assertTrue(count(before, "rollups") >= 1 && count(before, "versions") > 3, before.encode());
    assertEquals(0, count(before, "garbage") + count(before, "foreign"), before.encode());

    Path shard = root.resolve(before.getString("shard"));
    Path dead = shard.resolve("w" + "0".repeat(32));
    Files.createDirectories(dead);
    Files.write(dead.resolve("pdead.parquet"), new byte[123]);
    Files.write(shard.resolve("note.txt"), new byte[7]);
    Path other = root.resolve("s" + "1".repeat(32)).resolve("0");
    Files.createDirectories(other);
    Files.write(other.resolve("rlost"), new byte[45]);

    JsonObject after = usage(stores, "orders", "orders");
    assertEquals(1, count(after, "garbage"));
    assertEquals(123, bytes(after, "garbage"));
    assertEquals(7, bytes(after, "foreign"));
    assertEquals(before.getJsonObject("current"), after.getJsonObject("current"));
    assertEquals(45, bytes(usage(stores, "(unknown)"), "foreign"));
    assertEquals(0, count(usage(stores, "(dropped)"), "versions"));

    String table = stores.run("usage").out();
    assertTrue(table.startsWith("collection  current"), table);
    assertTrue(table.lines().anyMatch(line -> line.startsWith("orders ")), table);
    assertTrue(table.contains("1, 123 B"), table);
  }

  @Test
  void shouldCountWhatItCannotTellApart(Vertx vertx) throws IOException {
    DamagedStores stores = new DamagedStores(DamagedStores.files(folder));
    stores.fill(vertx, "orders", 1);
    JsonObject before = usage(stores, "orders");
    Path shard = folder.resolve("parts").resolve(before.getString("shard"));
    try (Stream<Path> files = Files.walk(shard)) {
      for (Path rollup :
          files.filter(file -> file.getFileName().toString().startsWith("r")).toList()) {
        Files.write(rollup, new byte[1]);
      }
    }

    Run run = stores.run("usage", "orders", "--json");

    assertEquals(1, run.exitCode());
    assertTrue(run.err().startsWith("tidemark: the state of 'orders' cannot be read"), run.err());
    JsonObject row = new JsonObject(run.out()).getJsonArray("collections").getJsonObject(0);
    assertEquals(0, count(row, "current"));
    assertTrue(count(row, "foreign") >= count(before, "current"), row.encode());
    assertEquals(before.getJsonObject("versions"), row.getJsonObject("versions"));
  }
}
