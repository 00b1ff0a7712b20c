package io.tidemark.location.s3;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.tidemark.location.DeterminateException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Configuration;

/**
 * Two clients over the same connections.
 *
 * @param reading sends a request again if it fails for the moment
 * @param writing sends each request once
 * @param http the connections
 * @param loops the threads of the connections: the client's own would take seconds to end
 */
record S3Clients(
    S3AsyncClient reading, S3AsyncClient writing, SdkAsyncHttpClient http, EventLoopGroup loops)
    implements AutoCloseable {

  /** How many threads send and receive. */
  private static final int IO_THREADS = 2;

  /** How many requests are under way at once; each has a connection. */
  static final int MAX_CONNECTIONS = 50;

  /** How many requests may wait for a connection. */
  static final int MAX_WAITING = 2 * S3Bucket.MAX_WAITING_CALLS;

  /** How often a read is sent, at most. */
  static final int READ_ATTEMPTS = 3;

  /** Servers close connections that idle; a request on one that was just closed is lost. */
  private static final long MAX_IDLE_MILLIS = 5_000;

  private static final long QUIET_MILLIS = 100;
  private static final long MAX_CLOSE_MILLIS = 2_000;

  /** What servers that are not AWS's go by, if they look at it at all. */
  private static final Region ANY_REGION = Region.US_EAST_1;

  /** Makes the clients, but sends nothing. Blocks. */
  static S3Clients connect(
      S3Location location, S3Timing timing, AwsCredentialsProvider credentials) {
    Region region = region(location);
    EventLoopGroup loops = newLoops();
    SdkAsyncHttpClient http = http(location.tls(), timing, loops);
    RetryStrategy again =
        AwsRetryStrategy.standardRetryStrategy().toBuilder().maxAttempts(READ_ATTEMPTS).build();
    return new S3Clients(
        client(location, region, http, credentials, overrides(timing, timing.readMillis(), again)),
        client(
            location,
            region,
            http,
            credentials,
            overrides(timing, timing.attemptMillis(), DefaultRetryStrategy.doNotRetry())),
        http,
        loops);
  }

  @SuppressWarnings("deprecation") // the SDK knows none of the newer ones
  private static EventLoopGroup newLoops() {
    return new NioEventLoopGroup(IO_THREADS, new DefaultThreadFactory("tidemark-s3-io", true));
  }

  private static Region region(S3Location location) {
    if (location.region().isPresent()) {
      return Region.of(location.region().get());
    }
    if (location.endpoint().isPresent()) {
      return ANY_REGION;
    }
    try {
      return new DefaultAwsRegionProviderChain().getRegion();
    } catch (SdkException e) {
      throw new DeterminateException(
          "found no region for "
              + location.shown()
              + ": add ?region= to its URI, or set AWS_REGION",
          e);
    }
  }

  private static SdkAsyncHttpClient http(S3Tls tls, S3Timing timing, EventLoopGroup loops) {
    NettyNioAsyncHttpClient.Builder builder =
        NettyNioAsyncHttpClient.builder()
            .eventLoopGroup(SdkEventLoopGroup.create(loops, NioSocketChannel::new))
            .maxConcurrency(MAX_CONNECTIONS)
            .maxPendingConnectionAcquires(MAX_WAITING)
            .connectionTimeout(Duration.ofMillis(timing.connectMillis()))
            .tlsNegotiationTimeout(Duration.ofMillis(timing.connectMillis()))
            .connectionAcquisitionTimeout(Duration.ofMillis(timing.attemptMillis()))
            .readTimeout(Duration.ofMillis(timing.attemptMillis()))
            .writeTimeout(Duration.ofMillis(timing.attemptMillis()))
            .connectionMaxIdleTime(Duration.ofMillis(MAX_IDLE_MILLIS));
    if (tls.caFile().isPresent()) {
      Path caFile = tls.caFile().get();
      var managers = S3Tls.trust(caFile);
      builder.tlsTrustManagersProvider(() -> managers);
    }
    if (tls.certFile().isPresent() && tls.keyFile().isPresent()) {
      var managers = S3Tls.identity(tls.certFile().get(), tls.keyFile().get());
      builder.tlsKeyManagersProvider(() -> managers);
    }
    return builder.build();
  }

  private static ClientOverrideConfiguration overrides(
      S3Timing timing, long totalMillis, RetryStrategy retries) {
    return ClientOverrideConfiguration.builder()
        .apiCallAttemptTimeout(Duration.ofMillis(timing.attemptMillis()))
        .apiCallTimeout(Duration.ofMillis(totalMillis))
        .retryStrategy(retries)
        .build();
  }

  private static S3AsyncClient client(
      S3Location location,
      Region region,
      SdkAsyncHttpClient http,
      AwsCredentialsProvider credentials,
      ClientOverrideConfiguration overrides) {
    var builder =
        S3AsyncClient.builder()
            .region(region)
            .httpClient(http)
            .credentialsProvider(credentials)
            .overrideConfiguration(overrides)
            // Answers are passed on to the caller's context at once: nothing blocks there.
            .asyncConfiguration(
                async ->
                    async.advancedOption(
                        SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, Runnable::run))
            // Servers other than AWS's may know neither checksums in trailers nor signed chunks,
            // and waiting for a "continue" is a round trip more.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .serviceConfiguration(
                S3Configuration.builder()
                    .pathStyleAccessEnabled(location.pathStyle())
                    .chunkedEncodingEnabled(false)
                    .expectContinueEnabled(false)
                    .build());
    location.endpoint().ifPresent(builder::endpointOverride);
    return builder.build();
  }

  @Override
  public void close() {
    reading.close();
    writing.close();
    http.close();
    var unused = loops.shutdownGracefully(QUIET_MILLIS, MAX_CLOSE_MILLIS, TimeUnit.MILLISECONDS);
  }
}
