package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.SCHEMA;
import static io.tidemark.persist.ShardFixture.large;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Offload;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

class PartStreamTest {

  private static final int BLOCK_BYTES = 1 << 20;

  private final ShardFixture shard = new ShardFixture(new Bounds());
  private int offloaded;

  private PartTarget target() {
    Environment world = shard.world.environment();
    Environment counting =
        new Environment(
            world.clock(),
            world.timers(),
            world.entropy(),
            new Offload() {
              @Override
              public <T> Future<T> call(Callable<T> work) {
                offloaded++;
                return world.offload().call(work);
              }
            });
    WriterId writer = WriterId.random(world.entropy());
    return new PartTarget(
        shard.blob, shard.id, writer, VersionedSchema.first(SCHEMA), counting, shard.options);
  }

  /** What waits is not all encoded in one go: others want the worker, too. */
  @Test
  void shouldEncodeABoundedPieceAtOnce() {
    PartStream stream = new PartStream(target(), BatchBuilder.Times.GIVEN, 0, bytes -> {});
    long perTurn = PartStream.MAX_ENCODED_AT_ONCE / BLOCK_BYTES;
    Future<Void> first = stream.add(large(1, 0, BLOCK_BYTES));
    List<Future<Void>> waiting = new ArrayList<>();
    for (int i = 1; i <= 2 * perTurn + 1; i++) {
      waiting.add(stream.add(large(1, i, BLOCK_BYTES)));
    }
    assertEquals(1, offloaded);
    shard.world.result(first);
    for (int turn = 0; turn < 3; turn++) {
      assertEquals(Math.min(perTurn * turn, waiting.size()), encoded(waiting));
      assertEquals(2 + turn, offloaded);
      shard.world.result(waiting.get((int) Math.min(perTurn * turn, waiting.size() - 1)));
    }
    assertEquals(waiting.size(), encoded(waiting));
    assertEquals(1, shard.world.result(stream.finish(0)).size());
  }

  private static long encoded(List<Future<Void>> blocks) {
    return blocks.stream().filter(Future::succeeded).count();
  }
}
