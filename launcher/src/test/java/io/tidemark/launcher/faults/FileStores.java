package io.tidemark.launcher.faults;

import io.tidemark.location.Blob;
import io.tidemark.location.Consensus;
import io.tidemark.location.RealEnvironment;
import io.tidemark.location.file.FileBlob;
import io.tidemark.location.sqlite.SqliteConsensus;
import java.nio.file.Path;
import java.util.List;

/** SQLite and files in one folder of this machine, which its processes share. */
final class FileStores {

  private FileStores() {}

  static SharedStore sqlite(Path folder) {
    SqliteConsensus consensus =
        SqliteConsensus.open(folder, RealEnvironment.ENTROPY, RealEnvironment.CLOCK);
    return parts("sqlite:" + folder, consensus, consensus::close, folder);
  }

  /** Parts in files of a folder, state in another store. */
  static SharedStore parts(String uri, Consensus consensus, Runnable closing, Path folder) {
    Path parts = folder.resolve("parts");
    RealEnvironment.Threads threads = new RealEnvironment.Threads();
    Blob blob = FileBlob.open(parts, threads, RealEnvironment.ENTROPY, RealEnvironment.CLOCK);
    return new SharedStore(
        uri,
        "file:" + parts,
        List.of(),
        consensus,
        blob,
        () -> {
          closing.run();
          ((FileBlob) blob).close();
          threads.close();
        });
  }
}
