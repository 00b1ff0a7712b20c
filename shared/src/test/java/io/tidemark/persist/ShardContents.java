package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Offload;
import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Everything that a shard holds, update by update, read past the code that tests are about:
 * straight from the state and the parts. Only for stores that answer at once.
 */
public final class ShardContents {

  private final ShardState state;
  private final List<UpdateBlock> blocks = new ArrayList<>();

  private ShardContents(ShardState state) {
    this.state = state;
  }

  /** Does work at once, where it is asked for. */
  public static Offload immediately() {
    return new Offload() {
      @Override
      public <T> Future<T> call(Callable<T> work) {
        try {
          return Future.succeededFuture(work.call());
        } catch (Exception e) {
          return Future.failedFuture(e);
        }
      }
    };
  }

  /** Reads a shard; fails if its batches do not tile it, or a part is missing or damaged. */
  public static ShardContents read(PersistClient client, ShardId shard, Environment environment) {
    StateLoader loader = new StateLoader(shard, client.blob(), client.consensus(), environment);
    ShardState state = now(loader.reload()).state();
    ShardContents contents = new ShardContents(state);
    contents.checkTiling();
    Parts parts = new Parts(shard, state.schemas(), client.blob()::get, immediately());
    for (Batch batch : state.trace().batches()) {
      for (Part part : batch.parts()) {
        contents.blocks.addAll(now(parts.read(List.of(part))));
      }
    }
    return contents;
  }

  private void checkTiling() {
    Antichain at = Antichain.minimum();
    for (Batch batch : state.trace().batches()) {
      if (!batch.description().lower().equals(at)) {
        throw new AssertionError("batch " + batch.description() + " does not begin at " + at);
      }
      at = batch.description().upper();
    }
    if (!at.equals(state.upper()) || !state.since().lessEqual(state.upper())) {
      throw new AssertionError("batches end at " + at + ", the upper is " + state.upper());
    }
  }

  private static <T> T now(Future<T> future) {
    if (!future.isComplete()) {
      throw new AssertionError("the store did not answer at once");
    }
    if (future.failed()) {
      throw new AssertionError(future.cause());
    }
    return future.result();
  }

  public Antichain upper() {
    return state.upper();
  }

  public Antichain since() {
    return state.since();
  }

  public long epoch() {
    return state.epoch();
  }

  public int batches() {
    return state.trace().size();
  }

  public List<UpdateBlock> blocks() {
    return blocks;
  }

  public Position position(String producer) {
    return state.positions().getOrDefault(producer, Position.NONE);
  }
}
