package io.tidemark.location.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.location.Await;
import io.tidemark.location.ChildJvm;
import io.tidemark.location.RealEnvironment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that share one folder, and die. */
class FileBlobProcessesTest {

  private static final int KILLS = 10;

  @TempDir Path directory;

  private final AtomicBoolean done = new AtomicBoolean();

  @Test
  void shouldShowOnlyWholeObjectsWhenProcessesAreKilled() {
    Seeds.forEach(1, this::race);
  }

  private void race(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Future<Integer> own = executor.submit(() -> useUntilDone(random.split()));
      for (int i = 0; i < KILLS; i++) {
        killAChild("killed" + i, seed + i, 1 + random.nextInt(60));
      }
      done.set(true);
      assertTrue(own.get(60, TimeUnit.SECONDS) > KILLS, "this process must go on");
    } catch (Exception e) {
      throw new AssertionError(e);
    } finally {
      done.set(true);
      executor.shutdown();
    }
  }

  private void killAChild(String name, long seed, int afterLines) throws Exception {
    List<String> lines = new ArrayList<>();
    try (ChildJvm child =
        ChildJvm.start(
            SettingChild.class, directory, root().toString(), name, String.valueOf(seed))) {
      for (int i = 0; i < afterLines; i++) {
        lines.add(child.line());
      }
      lines.addAll(child.kill());
    }
    checkOwn(name, lines);
  }

  /** The keys that only the dead child used hold what it was told, or was about to do. */
  private void checkOwn(String name, List<String> lines) {
    Map<String, Set<String>> possible = new HashMap<>();
    for (String line : lines) {
      String[] words = line.split(" ", -1);
      if (words[0].endsWith("ing")) {
        possible.computeIfAbsent(words[1], key -> new HashSet<>(Set.of("none"))).add(words[2]);
      } else {
        possible.put(words[1], new HashSet<>(Set.of(words[2])));
      }
    }
    FileBlob blob = open();
    Set<String> listed = new HashSet<>();
    Await.result(blob.list("s/" + name + "/", entry -> listed.add(entry.key())));
    possible.forEach(
        (key, values) -> {
          String seen = Await.result(blob.get(key)).map(SettingChild::number).orElse("none");
          assertTrue(values.contains(seen), key + " is " + seen + ", not of " + values);
          assertEquals(!seen.equals("none"), listed.contains(key), key);
        });
  }

  private int useUntilDone(SplittableRandom random) {
    FileBlob blob = open();
    int rounds = 0;
    while (!done.get()) {
      String key = SettingChild.shared(random);
      Await.result(blob.set(key, SettingChild.value(rounds, random.nextInt(200_000))));
      Await.result(
          blob.get(SettingChild.shared(random)).map(seen -> seen.map(SettingChild::number)));
      Await.result(blob.list("s/", entry -> assertTrue(entry.bytes() > 0, entry.key())));
      Await.result(blob.delete(SettingChild.shared(random)));
      rounds++;
    }
    return rounds;
  }

  private Path root() {
    return directory.resolve("blobs");
  }

  private FileBlob open() {
    return FileBlob.open(
        root(), FileBlobFaultTest::atOnce, RealEnvironment.ENTROPY, RealEnvironment.CLOCK);
  }
}
