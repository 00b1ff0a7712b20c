package io.tidemark.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.catalog.Catalog;
import io.tidemark.catalog.CollectionSpec;
import io.tidemark.catalog.DroppedCollection;
import io.tidemark.catalog.Retention;
import io.tidemark.environment.Retry;
import io.tidemark.environment.SimulatedWorld;
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
import io.vertx.core.json.JsonObject;
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
    JsonObject row = new JsonObject().put("id", 1).put("note", "n");
    InvalidRowException cause =
        Assertions.assertThrows(
            InvalidRowException.class,
            () -> JsonRowReader.untimed(OLD).read(row, new UpdateBlockBuilder(OLD)));
    doubts.refusal(OLD, cause, told::add);
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

  @Test
  void shouldSayThatTheCollectionWasDropped() {
    create();
    DroppedCollection unused = world.result(catalog.drop("orders"));
    doubt();
    world.runAll();

    assertEquals(List.of(FailureCode.UNKNOWN_COLLECTION), codes());
  }
}
