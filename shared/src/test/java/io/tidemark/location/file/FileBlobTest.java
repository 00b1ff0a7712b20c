package io.tidemark.location.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.location.Await;
import io.tidemark.location.Blob;
import io.tidemark.location.BlobContract;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.RealEnvironment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBlobTest extends BlobContract {

  private final RealEnvironment.Threads threads = new RealEnvironment.Threads();

  @TempDir Path directory;

  @Override
  protected Blob open(String location) {
    return FileBlob.open(
        directory.resolve("deep").resolve(location),
        threads,
        RealEnvironment.ENTROPY,
        RealEnvironment.CLOCK);
  }

  @Test
  void shouldRefuseCallsOnceClosed() {
    FileBlob blob = (FileBlob) open("a");
    blob.close();

    assertRefusesCalls(blob);
  }

  @Test
  void shouldLeaveNothingBehindWhenAllObjectsAreDeleted() throws Exception {
    Blob blob = open("a");
    for (String key : List.of("s/w/p", "s/w/q", "s/v/p", "t")) {
      set(blob, key, "v");
    }
    for (String key : List.of("s/w/p", "s/w/q", "s/v/p", "t")) {
      assertEquals(1, Await.result(blob.delete(key)).orElseThrow());
    }

    try (Stream<Path> paths = Files.walk(directory.resolve("deep/a"))) {
      assertEquals(List.of("a", ".tmp"), paths.map(path -> path.getFileName().toString()).toList());
    }
  }

  @Test
  void shouldRefuseAFolderThatIsAFile() throws Exception {
    Files.createDirectories(directory.resolve("deep"));
    Files.writeString(directory.resolve("deep/a"), "in the way");

    assertThrows(DeterminateException.class, () -> open("a"));
    assertThrows(DeterminateException.class, () -> open("a/b"));
  }

  @AfterEach
  void stopThreads() {
    threads.close();
  }
}
