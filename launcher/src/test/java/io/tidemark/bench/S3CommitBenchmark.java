package io.tidemark.bench;

import io.tidemark.S3Server;
import io.tidemark.environment.VertxEnvironment;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.s3.S3Consensus;
import io.tidemark.location.s3.S3Location;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;

/**
 * A small commit with S3 alone, against one conditional write of as many bytes to the same server.
 * Run with {@code -Dbench.s3=s3://…} for another server than that of the tests.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class S3CommitBenchmark {

  private static final int BYTES = 400;
  private static final long WAIT_SECONDS = 60;

  private Vertx vertx;
  private S3Server server;
  private S3Location location;
  private S3Consensus consensus;
  private S3AsyncClient client;
  private long commits;
  private long puts;
  private String run;

  @Setup
  public void open() throws Exception {
    vertx = Vertx.vertx();
    run = Long.toHexString(System.nanoTime());
    String uri = System.getProperty("bench.s3");
    if (uri == null) {
      Path folder = Files.createTempDirectory("tidemark-s3");
      server = S3Server.start(folder);
      uri = server.uri("bench", "b");
    }
    location = S3Location.parse(uri);
    consensus =
        S3Consensus.open(
            location, VertxEnvironment.of(vertx, vertx.createSharedWorkerExecutor("bench", 2)));
    client =
        S3AsyncClient.builder()
            .region(Region.US_EAST_1)
            .endpointOverride(location.endpoint().orElseThrow())
            .forcePathStyle(location.pathStyle())
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .build();
  }

  @Benchmark
  public Boolean commit() throws Exception {
    return consensus
        .compareAndSet("shard-" + run, new Version(commits++, new byte[BYTES]))
        .await(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  @Benchmark
  public Object bareConditionalPut() throws Exception {
    String key = "bare/" + run + "/" + puts++;
    return client
        .putObject(
            put -> put.bucket(location.bucket()).key(key).ifNoneMatch("*"),
            AsyncRequestBody.fromBytes(new byte[BYTES]))
        .get(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  @TearDown
  public void close() throws Exception {
    consensus.close();
    client.close();
    vertx.close().await(WAIT_SECONDS, TimeUnit.SECONDS);
    if (server != null) {
      server.close();
    }
  }
}
