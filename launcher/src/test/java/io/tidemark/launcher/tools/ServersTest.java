package io.tidemark.launcher.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.S3Server;
import io.tidemark.launcher.tools.DamagedStores.Run;
import io.tidemark.location.Await;
import io.tidemark.location.postgresql.PostgresServer;
import io.tidemark.location.s3.S3Blob;
import io.tidemark.location.s3.S3Location;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The same with PostgreSQL and a bucket. */
@ExtendWith(VertxExtension.class)
class ServersTest {

  @TempDir private Path folder;

  @Test
  void shouldNameAPartThatABucketHasLost(Vertx vertx) {
    try (S3Server server = S3Server.start(folder)) {
      String bucket = server.uri("orders", "node");
      DamagedStores stores =
          new DamagedStores(
              new JsonObject()
                  .put("store.consensus", PostgresServer.shared().uri(PostgresServer.newSchema()))
                  .put("store.blob", bucket)
                  .put("snapshot.spillFolder", folder.resolve("spill").toString()));
      stores.fill(vertx, "orders", 2);
      Run sound = stores.run("check", "orders");
      assertEquals(0, sound.exitCode(), sound.out() + sound.err());
      assertTrue(sound.out().startsWith("orders: sound ("), sound.out());
      assertEquals(0, stores.run("usage").exitCode());

      String lost = delete(bucket);

      Run run = stores.run("check", "orders");
      assertEquals(1, run.exitCode(), run.out());
      assertTrue(run.out().startsWith("orders: part " + lost + " is missing: "), run.out());
      Run restored = stores.run("restore", "orders", "--commit");
      assertEquals(1, restored.exitCode(), restored.out());
      assertTrue(
          restored.out().startsWith("orders: " + lost + " cannot be restored ("), restored.out());
    }
  }

  /** Deletes some part. */
  private static String delete(String bucket) {
    S3Blob blob = S3Blob.open(S3Location.parse(bucket));
    try {
      List<String> parts = new ArrayList<>();
      Await.result(
          blob.list(
              "",
              object -> {
                if (object.key().endsWith(".parquet")) {
                  parts.add(object.key());
                }
              }));
      Await.result(blob.delete(parts.get(0)));
      return parts.get(0);
    } finally {
      blob.close();
    }
  }
}
