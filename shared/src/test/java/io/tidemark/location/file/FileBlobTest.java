package io.tidemark.location.file;

import io.tidemark.location.Blob;
import io.tidemark.location.BlobContract;
import io.tidemark.location.RealEnvironment;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
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

  @AfterEach
  void stopThreads() {
    threads.close();
  }
}
