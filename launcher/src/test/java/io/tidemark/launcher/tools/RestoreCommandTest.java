package io.tidemark.launcher.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.tools.DamagedStores.Run;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a folder has lost is lost; the tests of the core have a store that keeps it. */
@ExtendWith(VertxExtension.class)
class RestoreCommandTest {

  @TempDir private Path folder;

  @Test
  void shouldSayWhatCannotBeRestored(Vertx vertx) throws IOException {
    DamagedStores stores = new DamagedStores(DamagedStores.files(folder));
    stores.fill(vertx, "orders", 2);
    Run nothing = stores.run("restore", "orders", "--commit");
    assertEquals(0, nothing.exitCode(), nothing.err());
    assertTrue(nothing.out().startsWith("orders: nothing is missing ("), nothing.out());

    Path root = folder.resolve("parts");
    Path part = DamagedStores.parts(root).get(0);
    Files.delete(part);
    String key = root.relativize(part).toString();

    Run dry = stores.run("restore", "orders");
    assertEquals(0, dry.exitCode(), dry.err());
    assertTrue(dry.out().contains("orders: " + key + " would be restored; needed"), dry.out());
    assertTrue(dry.out().contains("orders: 1 objects are missing; --commit"), dry.out());

    Run real = stores.run("restore", "orders", "--commit");
    assertEquals(ExitCode.FAILURE.number(), real.exitCode());
    assertTrue(real.out().contains("orders: " + key + " cannot be restored ("), real.out());
    assertTrue(real.err().startsWith("tidemark: 1 objects of 'orders' could not"), real.err());
    assertEquals(1, real.err().lines().count());
  }
}
