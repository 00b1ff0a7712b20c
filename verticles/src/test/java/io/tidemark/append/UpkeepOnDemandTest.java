package io.tidemark.append;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.environment.SimulatedWorld;
import io.tidemark.location.memory.MemoryBlob;
import io.tidemark.location.memory.MemoryConsensus;
import io.tidemark.persist.Append;
import io.tidemark.persist.BatchBuilder;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.PersistOptions;
import io.tidemark.persist.Shard;
import io.tidemark.persist.ShardId;
import io.tidemark.persist.WriteHandle;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On stores in memory, in a world whose clock moves only when it is told to. */
class UpkeepOnDemandTest {

  private static final Schema SCHEMA = Schema.of(Column.required("id", ColumnType.INT64));
  private static final int BATCHES = 6;

  private final SimulatedWorld world = new SimulatedWorld(1);
  private final PersistClient client =
      new PersistClient(new MemoryBlob(), new MemoryConsensus(), PersistOptions.DEFAULTS);
  private Shard shard;
  private WriteHandle handle;
  private UpkeepOnDemand upkeep;
  private long at;

  @BeforeEach
  void fill() {
    ShardId id = ShardId.random(world.environment().entropy());
    shard = world.result(client.open(id, SCHEMA, world.environment()));
    handle = world.result(shard.startEpoch());
    handle.close(); // nothing is done beside appends
    upkeep = new UpkeepOnDemand("orders", world.environment(), shard, handle);
    for (int i = 0; i < BATCHES; i++) {
      append();
    }
  }

  private void append() {
    UpdateBlockBuilder rows = new UpdateBlockBuilder(SCHEMA);
    rows.int64(0, at);
    rows.row(at, 1);
    BatchBuilder builder =
        new BatchBuilder(
            handle.target(), Antichain.of(at), BatchBuilder.Times.GIVEN, released -> {});
    world.result(builder.add(rows.build()));
    world.result(builder.spill());
    BatchDescription range = new BatchDescription(Antichain.of(at), Antichain.of(at + 1));
    world.result(handle.compareAndAppend(Append.of(world.result(builder.cut(range)))));
    at++;
  }

  /** Somebody who asks, and what they were told. */
  private static final class Asking implements Delivery {
    private final List<JsonObject> replies = new ArrayList<>();
    private final List<RefusedException> refusals = new ArrayList<>();

    @Override
    public Object body() {
      throw new AssertionError("it was given already");
    }

    @Override
    public String header(String name) {
      throw new AssertionError("there are none");
    }

    @Override
    public void reply(Object body) {
      replies.add((JsonObject) body);
    }

    @Override
    public void refuse(RefusedException refusal) {
      refusals.add(refusal);
    }

    private FailureCode refused() {
      assertEquals(1, refusals.size());
      assertEquals(List.of(), replies);
      return refusals.get(0).code();
    }

    private JsonObject told() {
      assertEquals(List.of(), refusals);
      assertEquals(1, replies.size());
      return replies.get(0);
    }

    private boolean waits() {
      return replies.isEmpty() && refusals.isEmpty();
    }
  }

  @CanIgnoreReturnValue
  private Asking ask(String action) {
    Asking asking = new Asking();
    upkeep.request(new JsonObject().put("action", action), asking);
    return asking;
  }

  @Test
  void shouldCompactAndTellWhatItDid() {
    Asking asking = ask("compact");
    world.advance(UpkeepOnDemand.ANSWER_MILLIS);

    JsonObject told = asking.told();
    assertEquals(BATCHES, told.getJsonObject("before").getLong("parts"));
    assertEquals(1, told.getJsonObject("after").getLong("parts"));
    assertEquals(BATCHES, told.getJsonObject("after").getLong("updates"));
  }

  @Test
  void shouldTellWhoeverWaitsForLongThatItGoesOn() {
    ask("compact");
    world.advance(UpkeepOnDemand.ANSWER_MILLIS);
    Asking first = ask("gc");
    world.advance(UpkeepOnDemand.ANSWER_MILLIS);
    assertEquals(FailureCode.UNAVAILABLE, first.refused());
    assertTrue(first.refusals.get(0).getMessage().contains("goes on"));

    Asking second = ask("gc");
    assertTrue(second.waits());
    append();
    world.advance(UpkeepOnDemand.ANSWER_MILLIS / 2);

    assertTrue(second.told().getLong("parts") >= BATCHES, second.told().encode());
    assertEquals(FailureCode.UNAVAILABLE, first.refused());
  }

  @Test
  void shouldKeepAResultForWhoeverAsksNext() {
    ask("compact");
    world.advance(UpkeepOnDemand.ANSWER_MILLIS);
    ask("gc");
    world.advance(UpkeepOnDemand.ANSWER_MILLIS);
    append();
    world.advance(UpkeepOnDemand.KEPT_MILLIS);

    JsonObject kept = ask("gc").told();
    assertTrue(kept.getLong("parts") >= BATCHES, kept.encode());
    Asking anew = ask("gc");
    assertTrue(anew.waits(), "it was told once, and is begun anew");
    append();
    world.advance(UpkeepOnDemand.ANSWER_MILLIS / 2);
    assertEquals(0, anew.told().getLong("parts"));
  }

  @Test
  void shouldForgetAResultThatNobodyAsksFor() {
    ask("gc");
    world.advance(UpkeepOnDemand.APPEND_MILLIS);
    world.advance(UpkeepOnDemand.KEPT_MILLIS + 1_000);

    assertTrue(ask("gc").waits());
  }

  @Test
  void shouldLetNoMoreThanSoManyWait() {
    List<Asking> asking = new ArrayList<>();
    for (int i = 0; i < UpkeepOnDemand.MAX_WAITING; i++) {
      asking.add(ask("gc"));
    }
    assertEquals(FailureCode.OVERLOADED, ask("gc").refused());

    world.advance(UpkeepOnDemand.ANSWER_MILLIS);

    asking.forEach(each -> assertEquals(FailureCode.UNAVAILABLE, each.refused()));
    assertTrue(ask("gc").waits());
  }

  @Test
  void shouldRefuseWhatItDoesNotKnow() {
    assertEquals(FailureCode.INVALID_ROW, ask("drop").refused());
  }

  @Test
  void shouldTellThatTheEpochIsOver() {
    world.result(shard.startEpoch());
    Asking asking = ask("compact");
    world.advance(UpkeepOnDemand.ANSWER_MILLIS - 1);

    assertEquals(FailureCode.UNAVAILABLE, asking.refused());
    assertTrue(asking.refusals.get(0).getMessage().contains("is over"));
  }
}
