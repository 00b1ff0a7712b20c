package io.tidemark.launcher.node;

import io.tidemark.environment.Environment;
import io.tidemark.launcher.config.ConfigException;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.location.Blob;
import io.tidemark.location.Consensus;
import io.tidemark.location.file.FileBlob;
import io.tidemark.location.memory.MemoryBlob;
import io.tidemark.location.memory.MemoryConsensus;
import io.tidemark.location.postgresql.PostgresConsensus;
import io.tidemark.location.postgresql.PostgresLocation;
import io.tidemark.location.s3.S3Blob;
import io.tidemark.location.s3.S3Consensus;
import io.tidemark.location.s3.S3Location;
import io.tidemark.location.sqlite.SqliteConsensus;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;

/**
 * The two stores of a node, as their URIs say.
 *
 * @param closing closes both; blocks
 */
public record Stores(Consensus consensus, Blob blob, Runnable closing) {

  private static final String SQLITE = "sqlite:";
  private static final String POSTGRESQL = "postgresql:";
  private static final String FILE = "file:";
  private static final String MEMORY = "memory:";

  /** Opens both. */
  public static Future<Stores> open(NodeConfig.Store where, Vertx vertx, Environment environment) {
    return consensus(where.consensus(), vertx, environment)
        .compose(
            consensus ->
                environment.offload().call(() -> withBlob(consensus, where.blob(), environment)));
  }

  private static Stores withBlob(Consensus consensus, String uri, Environment environment) {
    try {
      Blob blob = blob(uri, environment);
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

  private static Future<? extends Consensus> consensus(
      String uri, Vertx vertx, Environment environment) {
    if (uri.startsWith(POSTGRESQL)) {
      return environment
          .offload()
          .call(() -> postgresLocation(uri))
          .compose(where -> PostgresConsensus.open(vertx, where, environment.clock()));
    }
    if (uri.startsWith(SQLITE)) {
      Path folder = Path.of(uri.substring(SQLITE.length()));
      return environment
          .offload()
          .call(() -> SqliteConsensus.open(folder, environment.entropy(), environment.clock()));
    }
    if (uri.startsWith(S3Location.SCHEME)) {
      return environment.offload().call(() -> S3Consensus.open(s3(uri), environment));
    }
    return uri.equals(MEMORY)
        ? Future.succeededFuture(new MemoryConsensus())
        : Future.failedFuture(
            new ConfigException(
                "'store.consensus' is no store for consensus: use sqlite:FOLDER,"
                    + " postgresql://USER@HOST/DATABASE or s3://BUCKET/PREFIX"));
  }

  private static PostgresLocation postgresLocation(String uri) {
    try {
      return PostgresLocation.parse(uri, System.getenv("PGPASSWORD"));
    } catch (IllegalArgumentException e) {
      throw new ConfigException("'store.consensus': " + e.getMessage());
    }
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
    if (uri.startsWith(S3Location.SCHEME)) {
      return S3Blob.open(s3(uri));
    }
    throw new ConfigException(
        "'" + uri + "' is no store for parts: use file:FOLDER or s3://BUCKET/PREFIX");
  }

  private static S3Location s3(String uri) {
    try {
      return S3Location.parse(uri);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(String.valueOf(e.getMessage()));
    }
  }

  private static void close(Object store) {
    if (store instanceof SqliteConsensus sqlite) {
      sqlite.close();
    } else if (store instanceof PostgresConsensus postgres) {
      postgres.close();
    } else if (store instanceof FileBlob files) {
      files.close();
    } else if (store instanceof S3Consensus s3) {
      s3.close();
    } else if (store instanceof S3Blob s3) {
      s3.close();
    }
  }
}
