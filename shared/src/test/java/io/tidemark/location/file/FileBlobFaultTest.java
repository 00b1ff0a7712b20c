package io.tidemark.location.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.tidemark.environment.Offload;
import io.tidemark.location.Await;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.ExternalException;
import io.tidemark.location.IndeterminateException;
import io.tidemark.location.RealEnvironment;
import io.tidemark.location.file.FailingFiles.Failure;
import io.tidemark.location.file.FailingFiles.Operation;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that are full, and operations that fail half way. */
class FileBlobFaultTest {

  private static final String KEY = "s/w/p";

  /** Runs work at once, on the caller's thread. */
  private static final Offload AT_ONCE = FileBlobFaultTest::atOnce;

  @TempDir Path directory;

  static <T> Future<T> atOnce(Callable<T> work) {
    try {
      return Future.succeededFuture(work.call());
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }

  @Test
  void shouldSetAllOrNothingWhateverFails() throws Exception {
    Set<Operation> seen = EnumSet.noneOf(Operation.class);
    for (Failure failure : Failure.values()) {
      for (String before : new String[] {"none", "old value"}) {
        Operation failed;
        int passing = 0;
        do {
          failed = setWithFailure(before, passing++, failure);
          if (failed != null) {
            seen.add(failed);
          }
        } while (failed != null);
      }
    }
    assertEquals(
        EnumSet.of(
            Operation.CREATE_FOLDER, Operation.WRITE, Operation.RENAME, Operation.FORCE_FOLDER),
        seen);
  }

  /** Sets once, while one operation fails; says which, or null if there were not as many. */
  private Operation setWithFailure(String before, int passing, Failure failure) throws Exception {
    Path root = Files.createTempDirectory(directory, "root");
    FileBlob sound = open(new DiskFiles(), root);
    if (!before.equals("none")) {
      Await.result(sound.set(KEY, before.getBytes(StandardCharsets.UTF_8)));
    }
    FailingFiles files = new FailingFiles(passing, failure);
    Future<Void> set = open(files, root).set(KEY, "new value".getBytes(StandardCharsets.UTF_8));

    Operation failed = files.failed();
    String name = failed + " " + failure + " over " + before;
    String seen = text(sound);
    if (failed == null) {
      Await.result(set);
      assertEquals("new value", seen, name);
    } else if (failed == Operation.RENAME || failed == Operation.FORCE_FOLDER) {
      assertInstanceOf(IndeterminateException.class, set.cause(), name);
      assertTrue(seen.equals(before) || seen.equals("new value"), name);
    } else {
      assertInstanceOf(DeterminateException.class, set.cause(), name);
      assertEquals(before, seen, name);
      assertEquals(List.of(), temporaryFiles(root), name);
    }
    return failed;
  }

  @Test
  void shouldDeleteOrNotWhateverFails() throws Exception {
    for (Failure failure : Failure.values()) {
      for (int passing = 0; passing < 2; passing++) {
        Path root = Files.createTempDirectory(directory, "root");
        FileBlob sound = open(new DiskFiles(), root);
        Await.result(sound.set(KEY, "value".getBytes(StandardCharsets.UTF_8)));
        FailingFiles files = new FailingFiles(passing, failure);

        Await.failure(IndeterminateException.class, open(files, root).delete(KEY));
        assertEquals(passing == 0 ? Operation.DELETE : Operation.FORCE_FOLDER, files.failed());
        boolean kept = passing == 0 && failure == Failure.WITHOUT_EFFECT;
        assertEquals(kept ? "value" : "none", text(sound));
      }
    }
  }

  @Test
  void shouldNameTheKeyAndTheFolderInWhatFails() {
    Path root = directory.resolve("root");
    Await.result(open(new DiskFiles(), root).set("other", new byte[1]));
    FileBlob full = open(new FailingFiles(0, Failure.WITHOUT_EFFECT), root);
    ExternalException e = Await.failure(ExternalException.class, full.set(KEY, new byte[1]));

    assertTrue(e.getMessage().contains("'s/w/p'"), e.getMessage());
    assertTrue(e.getMessage().contains(root.toString()), e.getMessage());
    assertTrue(e.getMessage().contains("no space left"), e.getMessage());
  }

  @Test
  void shouldGiveUpWhenTheFolderVanishesAgainAndAgain() throws Exception {
    Path root = directory.resolve("root");
    VanishingFolders files = new VanishingFolders();
    FileBlob blob = open(files, root);

    files.vanishing = ObjectFiles.MAX_PLACE_ATTEMPTS;
    Await.failure(DeterminateException.class, blob.set(KEY, new byte[] {2}));
    assertEquals(List.of(), temporaryFiles(root));
    files.vanishing = ObjectFiles.MAX_PLACE_ATTEMPTS - 1;
    Await.result(blob.set(KEY, new byte[] {3}));
    assertEquals(3, Await.result(blob.get(KEY)).orElseThrow()[0]);
  }

  @Test
  void shouldRemoveOnlyOldTemporaryFilesWhenItOpens() throws Exception {
    Path temporary = Files.createDirectories(directory.resolve("root/.tmp"));
    long now = RealEnvironment.CLOCK.wallMillis();
    Path old = Files.writeString(temporary.resolve("old"), "half an obj");
    Path young = Files.writeString(temporary.resolve("young"), "half an obj");
    Files.setLastModifiedTime(
        old, FileTime.fromMillis(now - FileBlob.MAX_TEMPORARY_AGE_MILLIS - 60_000));
    Files.setLastModifiedTime(
        young, FileTime.fromMillis(now - FileBlob.MAX_TEMPORARY_AGE_MILLIS + 60_000));

    FileBlob blob = open(new DiskFiles(), directory.resolve("root"));
    assertEquals(List.of("young"), temporaryFiles(directory.resolve("root")));
    Await.result(blob.list("", entry -> fail("listed " + entry)));
  }

  @Test
  void shouldRefuseAKeyThatIsAFolderOrBelowAnObject() {
    FileBlob blob = open(new DiskFiles(), directory.resolve("root"));
    Await.result(blob.set("a/b", new byte[] {1}));

    Await.failure(DeterminateException.class, blob.set("a", new byte[] {2}));
    Await.failure(DeterminateException.class, blob.set("a/b/c", new byte[] {2}));
    assertEquals(Optional.empty(), Await.result(blob.get("a")));
    assertEquals(Optional.empty(), Await.result(blob.get("a/b/c")));
    assertFalse(Await.result(blob.delete("a")).isPresent());
    assertFalse(Await.result(blob.delete("a/b/c")).isPresent());
    assertEquals(1, Await.result(blob.get("a/b")).orElseThrow()[0]);
  }

  @Test
  void shouldSayWhetherACallMayHaveHappenedThatFailedElsewhere() {
    ObjectFiles files = new ObjectFiles(new DiskFiles(), directory);
    FileBlob refused = open(files, failing(new RejectedExecutionException()));
    FileBlob lost = open(files, failing(new IllegalStateException()));

    Await.failure(DeterminateException.class, refused.get("k"));
    Await.failure(IndeterminateException.class, lost.get("k"));
  }

  private static Offload failing(Exception e) {
    return new Offload() {
      @Override
      public <T> Future<T> call(Callable<T> work) {
        return Future.failedFuture(e);
      }
    };
  }

  private static FileBlob open(StoreFiles files, Path root) {
    return open(new ObjectFiles(files, root), AT_ONCE);
  }

  private static FileBlob open(ObjectFiles files, Offload offload) {
    return FileBlob.open(files, offload, RealEnvironment.ENTROPY, RealEnvironment.CLOCK);
  }

  private static String text(FileBlob blob) {
    return Await.result(blob.get(KEY))
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .orElse("none");
  }

  private static List<String> temporaryFiles(Path root) throws IOException {
    try (Stream<Path> files = Files.list(root.resolve(".tmp"))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  /** Folders that another process removes just before an object is renamed into them. */
  private static final class VanishingFolders extends DiskFiles {

    private int vanishing;

    @Override
    public void rename(Path from, Path to) throws IOException {
      if (vanishing-- > 0) {
        deleteFolder(to.getParent());
      }
      super.rename(from, to);
    }
  }
}
