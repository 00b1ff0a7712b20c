package io.tidemark.location.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.environment.Entropy;
import io.tidemark.location.Await;
import io.tidemark.location.Blob;
import io.tidemark.location.RealEnvironment;
import io.tidemark.location.file.PowerLossFiles.PowerCut;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Cuts the power at every change that a run of sets and deletes makes to the disk. */
class FileBlobPowerLossTest {

  private static final Path ROOT = Path.of("/data/blobs");
  private static final int CALLS = 60;

  private final List<String> keys = List.of("s/w/p", "s/w/q", "s/v/p", "t/w/p", "u");

  @Test
  void shouldKeepWhatItAnsweredAndNothingByHalf() {
    Seeds.forEach(
        4,
        seed -> {
          int cut = 0;
          while (survivesCut(seed, cut)) {
            cut++;
          }
          assertTrue(cut > 3 * CALLS, "only " + cut + " changes were cut");
        });
  }

  /** Returns false if the run ended before the cut. */
  private boolean survivesCut(long seed, int cut) {
    SplittableRandom random = new SplittableRandom(seed);
    PowerLossFiles files = new PowerLossFiles(new SplittableRandom(seed + cut));
    Entropy entropy = RealEnvironment.seeded(seed);
    Blob blob = open(files, entropy);
    files.cutAfter(cut);
    Map<String, Set<String>> possible = new HashMap<>();
    keys.forEach(key -> possible.put(key, Set.of("none")));
    boolean wasCut = false;
    for (int call = 0; call < CALLS && !wasCut; call++) {
      String key = keys.get(random.nextInt(keys.size()));
      String next = random.nextInt(3) == 0 ? "none" : "value " + call + "x".repeat(call);
      Future<?> change =
          next.equals("none")
              ? blob.delete(key)
              : blob.set(key, next.getBytes(StandardCharsets.UTF_8));
      wasCut = change.failed();
      if (wasCut) {
        assertEquals(PowerCut.class, change.cause().getCause().getClass());
        Set<String> either = new HashSet<>(possible.get(key));
        either.add(next);
        possible.put(key, either);
      } else {
        possible.put(key, Set.of(next));
      }
    }
    files.restart();
    check(open(files, entropy), possible, "cut " + cut);
    return wasCut;
  }

  private void check(Blob blob, Map<String, Set<String>> possible, String name) {
    Map<String, Long> listed = new HashMap<>();
    Await.result(blob.list("", entry -> listed.put(entry.key(), entry.bytes())));
    for (String key : keys) {
      byte[] bytes = Await.result(blob.get(key)).orElse(null);
      String text = bytes == null ? "none" : new String(bytes, StandardCharsets.UTF_8);
      assertTrue(possible.get(key).contains(text), name + ": " + key + " is '" + text + "'");
      assertEquals(bytes == null ? null : Long.valueOf(bytes.length), listed.remove(key), name);
    }
    assertEquals(Map.of(), listed, name);
    for (String key : keys) {
      Await.result(blob.set(key, new byte[] {1}));
      assertNotNull(Await.result(blob.delete(key)));
    }
  }

  private static Blob open(PowerLossFiles files, Entropy entropy) {
    return FileBlob.open(
        new ObjectFiles(files, ROOT), FileBlobFaultTest::atOnce, entropy, RealEnvironment.CLOCK);
  }
}
