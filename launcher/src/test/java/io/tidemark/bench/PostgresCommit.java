package io.tidemark.bench;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.environment.Loop;
import io.tidemark.environment.VertxEnvironment;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.postgresql.PostgresConsensus;
import io.tidemark.location.postgresql.PostgresLocation;
import io.tidemark.location.postgresql.PostgresServer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A commit to PostgreSQL, with fsync on, against one bare row in a transaction of its own, in the
 * same run and on the same server: {@code PostgresCommit FOLDER}. Takes turns, as {@link
 * LoadBenchmark} does.
 */
public final class PostgresCommit {

  private static final int TURNS = Integer.getInteger("turns", 7);
  private static final int WARMUP_TURNS = 2;
  private static final int COMMITS = Integer.getInteger("commits", 2_000);
  private static final int VALUE_BYTES = 1024;
  private static final int ROWS = 10;
  private static final long WAIT_SECONDS = 300;

  private final Vertx vertx = Vertx.vertx();
  private final Context context = ((VertxInternal) vertx).createEventLoopContext();
  private final PostgresServer server = PostgresServer.shared();
  private final byte[] value = new byte[VALUE_BYTES];

  private PostgresCommit() {}

  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory(Files.createDirectories(Path.of(args[0])), "postgres");
    PostgresCommit benchmark = new PostgresCommit();
    benchmark.server.execute("CREATE TABLE bare (id BIGSERIAL PRIMARY KEY, content BYTEA)");
    print("| shards at once | bare, p50 | ours, p50 | ours to bare | bare | ours | rate |");
    print("|---|---|---|---|---|---|---|");
    for (int shards : new int[] {1, 8, 32}) {
      benchmark.compareAndSets(shards);
    }
    benchmark.wholePath(folder);
    benchmark.vertx.close().await(WAIT_SECONDS, TimeUnit.SECONDS);
    System.exit(0);
  }

  @CanIgnoreReturnValue
  private <T> T await(Supplier<Future<T>> call) throws TimeoutException {
    Promise<T> promise = Promise.promise();
    context.runOnContext(run -> call.get().onComplete(promise));
    return promise.future().await(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  private Pool bare(int connections) {
    return PgBuilder.pool()
        .with(new PoolOptions().setMaxSize(connections))
        .connectingTo(
            new PgConnectOptions()
                .setHost("127.0.0.1")
                .setPort(server.port())
                .setUser("postgres")
                .setDatabase("postgres")
                .setCachePreparedStatements(true))
        .using(vertx)
        .build();
  }

  private PostgresConsensus ours() throws TimeoutException {
    PostgresLocation where = PostgresLocation.parse(server.uri(PostgresServer.newSchema()), null);
    return await(() -> PostgresConsensus.open(vertx, where, VertxEnvironment.clock()));
  }

  private Future<?> insert(Pool pool) {
    return pool.preparedQuery("INSERT INTO bare (content) VALUES ($1)")
        .execute(Tuple.of(Buffer.buffer(value)));
  }

  private void compareAndSets(int shards) throws TimeoutException {
    Pool pool = bare(shards);
    PostgresConsensus consensus = ours();
    long[] next = new long[shards];
    Samples bare = new Samples();
    Samples ours = new Samples();
    Samples latencies = new Samples();
    Samples bareRates = new Samples();
    Samples rates = new Samples();
    Samples toBare = new Samples();
    for (int turn = -WARMUP_TURNS; turn < TURNS; turn++) {
      Turn plain = turn(shards, shard -> insert(pool));
      Turn set =
          turn(
              shards,
              shard -> consensus.compareAndSet("shard" + shard, new Version(next[shard]++, value)));
      if (turn >= 0) {
        bare.add(plain.micros.median());
        ours.add(set.micros.median());
        latencies.add(set.micros.median() / plain.micros.median());
        bareRates.add(plain.perSecond);
        rates.add(set.perSecond);
        toBare.add(set.perSecond / plain.perSecond);
      }
    }
    print(
        "| %d | %.0f us | %.0f us | %.2f | %,.0f/s | %,.0f/s | %.2f |",
        shards,
        bare.median(),
        ours.median(),
        latencies.median(),
        bareRates.median(),
        rates.median(),
        toBare.median());
    consensus.close();
    await(pool::close);
  }

  private record Turn(Samples micros, double perSecond) {}

  /** Some commits by each of the shards, one after the other, and all shards at once. */
  private Turn turn(int shards, IntFunction<Future<?>> commit) throws TimeoutException {
    Samples micros = new Samples();
    long start = System.nanoTime();
    await(
        () -> {
          List<Future<Void>> running = new ArrayList<>();
          for (int i = 0; i < shards; i++) {
            int shard = i;
            int[] left = {Math.max(50, COMMITS / shards)};
            running.add(
                Loop.whileTrue(
                    () ->
                        left[0]-- > 0
                            ? timed(commit.apply(shard), micros)
                            : Future.succeededFuture(false)));
          }
          return Future.all(running);
        });
    return new Turn(micros, micros.size() / ((System.nanoTime() - start) / 1e9));
  }

  private static Future<Boolean> timed(Future<?> commit, Samples micros) {
    long start = System.nanoTime();
    return commit.map(
        done -> {
          micros.add((System.nanoTime() - start) / 1e3);
          return true;
        });
  }

  private void wholePath(Path folder) throws TimeoutException {
    Samples bare = new Samples();
    Samples ours = new Samples();
    Samples ratios = new Samples();
    Pool pool = bare(1);
    try (Load load = new Load(Vertx.vertx(), folder, server.uri(PostgresServer.newSchema()))) {
      load.create("small");
      for (int turn = -WARMUP_TURNS; turn < TURNS; turn++) {
        Turn plain = turn(1, shard -> insert(pool));
        Samples requests = new Samples();
        load.request(
            "small",
            IntStream.range(0, COMMITS).mapToObj(PostgresCommit::message).iterator(),
            requests);
        if (turn >= 0) {
          bare.add(plain.micros.median());
          ours.add(requests.median());
          ratios.add(requests.median() / plain.micros.median());
        }
      }
    }
    await(pool::close);
    print("");
    print(
        "| %d commits of %d rows (JSON), one after the other, %d turns | |", COMMITS, ROWS, TURNS);
    print("|---|---|");
    print("| request on the bus until durable, p50 | %.0f us |", ours.median());
    print("| one row in PostgreSQL, durable, p50 | %.0f us |", bare.median());
    print("| p50 to p50 | %.2f |", ratios.median());
  }

  private static JsonArray message(int number) {
    JsonArray rows = new JsonArray();
    for (int i = 0; i < ROWS; i++) {
      rows.add(
          new JsonObject()
              .put("id", (long) number * ROWS + i)
              .put("name", String.format("user-%011d", number))
              .put("amount", i / 4.0)
              .put("ts", 1_700_000_000_000_000L + number));
    }
    return rows;
  }

  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
