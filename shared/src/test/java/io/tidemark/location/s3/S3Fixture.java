package io.tidemark.location.s3;

import io.tidemark.S3Server;
import io.tidemark.environment.Environment;
import io.tidemark.environment.VertxEnvironment;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** One server for all tests of this JVM, which ends with it; each test has buckets of its own. */
public final class S3Fixture {

  static final AwsCredentialsProvider CREDENTIALS =
      StaticCredentialsProvider.create(
          AwsBasicCredentials.create(S3Server.ACCESS_KEY, S3Server.SECRET_KEY));

  /** Gives up soon, for tests of a server that does not answer. */
  static final S3Timing HASTY = new S3Timing(1_000, 1_500, 4_000);

  private static final AtomicInteger BUCKETS = new AtomicInteger();

  private S3Fixture() {}

  private static final class Shared {
    static final S3Server SERVER = S3Server.start(temporary());
    static final Vertx VERTX = Vertx.vertx();
    static final Environment ENVIRONMENT =
        VertxEnvironment.of(VERTX, VERTX.createSharedWorkerExecutor("s3-tests", 2));
  }

  static S3Server server() {
    return Shared.SERVER;
  }

  /** Its contexts call the stores as a node's do. */
  public static Vertx vertx() {
    return Shared.VERTX;
  }

  /** The environment of those contexts. */
  public static Environment environment() {
    return Shared.ENVIRONMENT;
  }

  /** A folder of the build's own. */
  static Path temporary() {
    try {
      return Files.createTempDirectory(Files.createDirectories(Path.of("target")), "s3-")
          .toAbsolutePath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The name of a bucket that nobody has used. */
  public static String freshBucket() {
    return "bucket-" + BUCKETS.incrementAndGet();
  }

  /** A place in a bucket of the server. */
  public static S3Location location(String bucket, String prefix) {
    return S3Location.parse(server().uri(bucket, prefix));
  }
}
