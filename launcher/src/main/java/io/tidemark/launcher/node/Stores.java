package io.tidemark.launcher.node;

import io.tidemark.environment.Environment;
import io.tidemark.launcher.config.ConfigException;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.location.Blob;
import io.tidemark.location.Consensus;
import io.tidemark.location.file.FileBlob;
import io.tidemark.location.memory.MemoryBlob;
import io.tidemark.location.memory.MemoryConsensus;
import io.tidemark.location.sqlite.SqliteConsensus;
import io.vertx.core.Future;
import java.nio.file.Path;

/**
 * The two stores of a node, as their URIs say.
 *
 * @param closing closes both; blocks
 */
record Stores(Consensus consensus, Blob blob, Runnable closing) {

  private static final String SQLITE = "sqlite:";
  private static final String FILE = "file:";
  private static final String MEMORY = "memory:";

  /** Opens both. */
  static Future<Stores> open(NodeConfig.Store where, Environment environment) {
    return environment.offload().call(() -> openBlocking(where, environment));
  }

  private static Stores openBlocking(NodeConfig.Store where, Environment environment) {
    Consensus consensus = consensus(where.consensus(), environment);
    try {
      Blob blob = blob(where.blob(), environment);
      return new Stores(
          consensus,
          blob,
          () -> {
            close(blob);
            close(consensus);
          });
    } catch (RuntimeException e) {
      close(consensus);
      throw e;
    }
  }

  private static Consensus consensus(String uri, Environment environment) {
    if (uri.startsWith(SQLITE)) {
      Path folder = Path.of(uri.substring(SQLITE.length()));
      return SqliteConsensus.open(folder, environment.entropy(), environment.clock());
    }
    if (uri.equals(MEMORY)) {
      return new MemoryConsensus();
    }
    throw new ConfigException("'" + uri + "' is no store for consensus: use sqlite:FOLDER");
  }

  private static Blob blob(String uri, Environment environment) {
    if (uri.startsWith(FILE)) {
      Path folder = Path.of(uri.substring(FILE.length()));
      return FileBlob.open(
          folder, environment.offload(), environment.entropy(), environment.clock());
    }
    if (uri.equals(MEMORY)) {
      return new MemoryBlob();
    }
    throw new ConfigException("'" + uri + "' is no store for parts: use file:FOLDER");
  }

  private static void close(Object store) {
    if (store instanceof SqliteConsensus sqlite) {
      sqlite.close();
    } else if (store instanceof FileBlob files) {
      files.close();
    }
  }
}
