package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.SCHEMA;
import static io.tidemark.persist.ShardFixture.assertSame;
import static io.tidemark.persist.ShardFixture.inlineAppend;
import static io.tidemark.persist.ShardFixture.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.environment.Environment;
import io.tidemark.environment.Loop;
import io.tidemark.environment.VertxEnvironment;
import io.tidemark.location.Await;
import io.tidemark.location.file.FileBlob;
import io.tidemark.location.sqlite.SqliteConsensus;
import io.tidemark.persist.AppendOutcome.Committed;
import io.tidemark.persist.ListenEvent.Updates;
import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A writer and a reader on event loops of their own, over files and SQLite. */
class ReadersOnDiskTest {

  private static final int APPENDS = 150;

  @TempDir Path folder;

  private final Vertx vertx = Vertx.vertx();
  private final Environment environment =
      VertxEnvironment.of(vertx, vertx.createSharedWorkerExecutor("test", 2));
  private final Context writing = vertx.getOrCreateContext();
  private final Context reading = vertx.getOrCreateContext();
  private FileBlob blob;
  private SqliteConsensus consensus;

  @AfterEach
  void close() {
    Await.result(vertx.close());
    consensus.close();
    blob.close();
  }

  @CanIgnoreReturnValue
  private static <T> T on(Context context, Supplier<Future<T>> call) {
    return Await.resultOn(context, call);
  }

  /** Reads until the frontier, on the context of the listen. */
  private static Future<Void> follow(Listen listen, Antichain until, List<UpdateBlock> into) {
    return Loop.whileTrue(
        () ->
            listen
                .next()
                .map(
                    event -> {
                      if (event instanceof Updates updates) {
                        into.add(updates.block());
                      }
                      return listen.frontier().lessThan(until);
                    }));
  }

  @Test
  void shouldFollowAWriterWhileItsPastIsCollectedAndLeaveNothingOnceDropped() {
    blob =
        FileBlob.open(
            folder.resolve("blob"),
            environment.offload(),
            environment.entropy(),
            environment.clock());
    consensus =
        SqliteConsensus.open(
            folder.resolve("consensus"), environment.entropy(), environment.clock());
    PersistOptions options =
        new Bounds()
            .rollups(8, 16)
            .mergeInlineBatches(6)
            .reads(new ReadOptions(60_000, 50, 10, 100))
            .build();
    PersistClient client = new PersistClient(blob, consensus, options);
    ShardId id = ShardId.random(environment.entropy());
    Shard written = on(writing, () -> client.open(id, SCHEMA, environment));
    WriteHandle writer = on(writing, written::startEpoch);
    Shard read = on(reading, () -> client.open(id, SCHEMA, environment));
    ReadHandle reader = on(reading, () -> read.openReader("a test"));
    Listen listen = on(reading, () -> reader.listen(-1));

    List<UpdateBlock> seen = new ArrayList<>();
    List<UpdateBlock> expected = new ArrayList<>();
    for (int i = 0; i < APPENDS; i++) {
      UpdateBlock block = rows(i, i, i + 1000);
      long at = i;
      AppendOutcome outcome =
          on(writing, () -> writer.compareAndAppend(inlineAppend(at, at + 1, block)));
      assertEquals(new Committed(Antichain.of(at + 1)), outcome);
      expected.add(block);
      if (i % 10 == 9) {
        on(reading, () -> follow(listen, Antichain.of(at + 1), seen));
      }
    }

    assertSame(expected, seen);
    on(reading, reader::close);
    on(writing, () -> writer.compareAndAppend(inlineAppend(APPENDS, APPENDS + 1)));
    on(writing, written::collectGarbage);
    int versions = Await.result(consensus.scan(id.text(), 0, 10_000)).size();
    assertTrue(versions < 60, versions + " versions are left");

    on(reading, read::drop);

    List<String> left = new ArrayList<>();
    Await.result(blob.list(id + "/", entry -> left.add(entry.key())));
    assertEquals(1, left.size(), left.toString());
    assertEquals(2, Await.result(consensus.scan(id.text(), 0, 10)).size());
  }
}
