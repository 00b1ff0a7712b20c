package io.tidemark.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.catalog.Catalog;
import io.tidemark.catalog.CollectionSpec;
import io.tidemark.catalog.DroppedCollection;
import io.tidemark.catalog.Retention;
import io.tidemark.environment.Retry;
import io.tidemark.environment.SimulatedWorld;
import io.tidemark.location.Consensus;
import io.tidemark.location.memory.MemoryConsensus;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Mode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.JsonRowReader;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** What a writer says of rows that do not fit the columns that it knows. */
class SchemaDoubtsTest {

  private static final Schema OLD = Schema.of(Column.required("id", ColumnType.INT64));
  private static final Schema NEW =
      OLD.altered(List.of(Column.nullable("note", ColumnType.STRING)), List.of());

  private final SimulatedWorld world = new SimulatedWorld(1);
  private final MemoryConsensus consensus = new MemoryConsensus();
  private final Catalog catalog =
      new Catalog(consensus, world.environment(), new Retry.Policy(1, 50, 5000));
  private final SchemaDoubts doubts = new SchemaDoubts(catalog, "orders");
  private final List<Promise<Void>> reads = new ArrayList<>();
  private final List<RefusedException> told = new ArrayList<>();

  private void create() {
    CollectionSpec unused =
        world.result(catalog.create("orders", OLD, Mode.INGEST, 1, Retention.FOREVER));
  }

  private void alter() {
    CollectionSpec unused =
        world.result(catalog.alter("orders", spec -> spec.following(spec.shard(), NEW)));
  }

  private void doubt() {
    doubt(doubts);
  }

  private void doubt(SchemaDoubts of) {
    JsonObject row = new JsonObject().put("id", 1).put("note", "n");
    InvalidRowException cause =
        Assertions.assertThrows(
            InvalidRowException.class,
            () -> JsonRowReader.untimed(OLD).read(row, new UpdateBlockBuilder(OLD)));
    of.refusal(OLD, cause, told::add);
  }

  private List<FailureCode> codes() {
    return told.stream().map(RefusedException::code).toList();
  }

  @Test
  void shouldRefuseForGoodWhatNoColumnsFit() {
    create();
    doubt();
    world.runAll();

    assertEquals(List.of(FailureCode.INVALID_ROW), codes());
    assertTrue(told.get(0).getMessage().contains("note"), told.get(0).getMessage());
  }

  @Test
  void shouldAskForItAgainIfTheColumnsWereAltered() {
    create();
    alter();
    doubt();
    world.runAll();

    assertEquals(List.of(FailureCode.UNAVAILABLE), codes());
    assertTrue(told.get(0).getMessage().contains("again"), told.get(0).getMessage());
  }

  /** A catalog whose list is read as soon as that is allowed. */
  private SchemaDoubts ofSlowList() {
    Consensus slow =
        (Consensus)
            Proxy.newProxyInstance(
                Consensus.class.getClassLoader(),
                new Class<?>[] {Consensus.class},
                (proxy, method, arguments) -> {
                  assertEquals("head", method.getName());
                  Promise<Void> allowed = Promise.promise();
                  reads.add(allowed);
                  Future<?> head = consensus.head((String) arguments[0]);
                  return allowed.future().compose(now -> head);
                });
    return new SchemaDoubts(
        new Catalog(slow, world.environment(), new Retry.Policy(1, 50, 5000)), "orders");
  }

  /** What came while the list was read is not answered by what that read: it may be of before. */
  @Test
  void shouldReadTheListAgainForWhatCameMeanwhile() {
    create();
    SchemaDoubts slow = ofSlowList();
    doubt(slow);
    alter();
    doubt(slow);
    doubt(slow);
    assertEquals(1, reads.size());
    reads.get(0).complete();
    world.runAll();
    assertEquals(List.of(FailureCode.INVALID_ROW), codes());
    assertEquals(2, reads.size(), "one reading for all that wait");
    reads.get(1).complete();
    world.runAll();

    assertEquals(
        List.of(FailureCode.INVALID_ROW, FailureCode.UNAVAILABLE, FailureCode.UNAVAILABLE),
        codes());
  }

  @Test
  void shouldLetSoManyWaitAndNoMore() {
    create();
    SchemaDoubts slow = ofSlowList();
    doubt(slow);
    for (int i = 0; i < SchemaDoubts.MAX_WAITING; i++) {
      doubt(slow);
    }
    assertEquals(List.of(), codes());
    doubt(slow);
    assertEquals(List.of(FailureCode.OVERLOADED), codes());
  }

  @Test
  void shouldSayThatTheCollectionWasDropped() {
    create();
    DroppedCollection unused = world.result(catalog.drop("orders"));
    doubt();
    world.runAll();

    assertEquals(List.of(FailureCode.UNKNOWN_COLLECTION), codes());
  }
}
