package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.inlineAppend;
import static io.tidemark.persist.ShardFixture.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.tidemark.TcpProxy;
import io.tidemark.environment.Environment;
import io.tidemark.environment.VertxEnvironment;
import io.tidemark.location.Await;
import io.tidemark.location.Consensus;
import io.tidemark.location.memory.MemoryBlob;
import io.tidemark.location.postgresql.PostgresConsensus;
import io.tidemark.location.postgresql.PostgresLocation;
import io.tidemark.location.postgresql.PostgresServer;
import io.tidemark.progress.Antichain;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A real server committed, and its reply never came: the shard finds out by its token. */
class LostReplyTest {

  private static final int APPENDS = 40;
  private static final int LOSE_EVERY = 5;

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final Environment environment =
      VertxEnvironment.of(vertx, vertx.createSharedWorkerExecutor("test", 2));
  private final PostgresServer server = PostgresServer.shared();
  private final ShardId id = ShardId.random(environment.entropy());
  private final MemoryBlob blob = new MemoryBlob();
  private final String schema = PostgresServer.newSchema();

  @AfterEach
  void close() {
    Await.result(vertx.close());
  }

  private PersistClient client(String uri) {
    Consensus consensus =
        Await.result(
            PostgresConsensus.open(vertx, PostgresLocation.parse(uri, null), environment.clock()));
    return new PersistClient(blob, consensus, PersistOptions.DEFAULTS);
  }

  private <T> T result(Supplier<Future<T>> call) {
    return Await.resultOn(context, call);
  }

  private Shard open(PersistClient client) {
    return result(() -> client.open(id, ShardFixture.SCHEMA, environment));
  }

  @Test
  void shouldAppendEachBatchOnceAlthoughRepliesAreLost() {
    try (TcpProxy proxy = new TcpProxy("127.0.0.1", server.port())) {
      PersistClient client = client(PostgresServer.uri(schema, proxy.port()));
      WriteHandle writer = result(open(client)::startEpoch);
      for (int i = 0; i < APPENDS; i++) {
        if (i % LOSE_EVERY == LOSE_EVERY - 1) {
          proxy.dropReplies();
        }
        Append append = inlineAppend(i, i + 1, rows(i, i));
        AppendOutcome outcome = result(() -> writer.compareAndAppend(append));
        assertInstanceOf(AppendOutcome.Committed.class, outcome, "append " + i);
      }
    }

    Shard shard = open(client(server.uri(schema)));
    assertEquals(Antichain.of(APPENDS), shard.upper());
    assertEquals(APPENDS, shard.summary().updates());
  }
}
