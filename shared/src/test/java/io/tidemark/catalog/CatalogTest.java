package io.tidemark.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.environment.Retry;
import io.tidemark.environment.SimulatedWorld;
import io.tidemark.location.Consensus;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.Faults;
import io.tidemark.location.UnreliableConsensus;
import io.tidemark.location.memory.MemoryConsensus;
import io.tidemark.persist.Cbor;
import io.tidemark.persist.ShardId;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Mode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.RandomBlocks;
import io.tidemark.row.Schema;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CatalogTest {

  private static final Schema SCHEMA = Schema.of(Column.required("id", ColumnType.INT64));

  private final SimulatedWorld world = new SimulatedWorld(1);
  private final MemoryConsensus consensus = new MemoryConsensus();

  private Catalog catalog(Consensus over) {
    return new Catalog(over, world.environment(), new Retry.Policy(1, 50, 5000));
  }

  private Future<CollectionSpec> create(String name) {
    return catalog(consensus).create(name, SCHEMA, Mode.INGEST, 1, Retention.FOREVER);
  }

  private void assertRefused(FailureCode code, Future<?> future) {
    RefusedException refused = world.failure(RefusedException.class, future);
    assertEquals(code, refused.code(), refused.getMessage());
  }

  @Test
  void shouldListWhatWasCreated() {
    Schema schema = new RandomBlocks(4).schema();
    CollectionSpec orders = world.result(create("orders"));
    CollectionSpec ticks =
        world.result(
            catalog(consensus).create("ticks", schema, Mode.SOURCE, 16, new Retention(100)));

    assertEquals(Map.of("orders", orders, "ticks", ticks), world.result(catalog(consensus).read()));
    assertNotEquals(orders.shard(), ticks.shard());
    assertEquals(
        1, world.result(consensus.scan(Catalog.KEY, 0, 10)).size(), "old lists are forgotten");
  }

  @Test
  void shouldRefuseANameThatIsTaken() {
    world.result(create("orders"));
    assertRefused(FailureCode.COLLECTION_EXISTS, create("orders"));
  }

  @Test
  void shouldAlterACollection() {
    CollectionSpec orders = world.result(create("orders"));
    CollectionSpec altered =
        world.result(
            catalog(consensus).alter("orders", each -> each.with(new Retention(86_400_000))));

    assertEquals(orders.with(new Retention(86_400_000)), altered);
    assertEquals(Map.of("orders", altered), world.result(catalog(consensus).read()));
    assertRefused(
        FailureCode.UNKNOWN_COLLECTION,
        catalog(consensus).alter("order", each -> each.with(Retention.FOREVER)));
  }

  @Test
  void shouldRememberWhatWasDroppedUntilItIsGone() {
    Catalog catalog = catalog(consensus);
    CollectionSpec orders = world.result(create("orders"));
    CollectionSpec ticks = world.result(create("ticks"));

    assertEquals(new DroppedCollection(orders, null), world.result(catalog.drop("orders")));

    Listing listing = world.result(catalog.list());
    assertEquals(Map.of("ticks", ticks), listing.collections());
    assertEquals(1, listing.droppedAs("orders").size());
    assertRefused(FailureCode.UNKNOWN_COLLECTION, catalog.drop("orders"));
    assertRefused(FailureCode.UNAVAILABLE, create("orders"));

    world.result(catalog.ended(orders.shard(), 17));
    world.result(catalog.ended(orders.shard(), 18)); // somebody is late
    CollectionSpec again = world.result(create("orders"));
    assertEquals(17, again.after(), "its epochs come after those of the one before");
    assertNotEquals(orders.shard(), again.shard());

    world.result(catalog.drop("orders"));
    world.result(catalog.forget(orders.shard()));
    world.result(catalog.ended(again.shard(), 16));
    world.result(catalog.forget(again.shard()));
    world.result(catalog.forget(again.shard()));
    assertEquals(
        new Listing(2, Map.of("ticks", ticks), Map.of(), 17L), world.result(catalog.list()));
    assertEquals(17, world.result(create("more")).after());
    assertRefused(FailureCode.UNKNOWN_COLLECTION, catalog.drop("orders"));
  }

  @Test
  void shouldDropOnceHoweverAnswersAreLost() {
    Seeds.forEach(30, this::dropsOnce);
  }

  private void dropsOnce(long seed) {
    SimulatedWorld each = new SimulatedWorld(seed);
    MemoryConsensus inner = new MemoryConsensus();
    Retry.Policy policy = new Retry.Policy(1, 20, 100_000);
    Catalog reliable = new Catalog(inner, each.environment(), policy);
    CollectionSpec orders =
        each.result(reliable.create("orders", SCHEMA, Mode.INGEST, 1, Retention.FOREVER));
    Faults faults =
        new Faults(each.environment().entropy(), each.environment().timers())
            .answered(0.7)
            .happens(0.8)
            .late(0.5, 30);
    Catalog catalog =
        new Catalog(new UnreliableConsensus(inner, faults), each.environment(), policy);

    assertEquals(orders, each.result(catalog.drop("orders")).collection());
    each.result(catalog.ended(orders.shard(), 3));
    each.runAll();

    Listing listing = each.result(reliable.list());
    assertEquals(Map.of(), listing.collections());
    assertEquals(
        Map.of(orders.shard().text(), new DroppedCollection(orders, 3L)), listing.dropped());
  }

  /** Bytes as they were written before collections had a retention. */
  @Test
  void shouldReadAListOfTheFirstFormat() throws IOException {
    String shard = "s0123456789abcdef0123456789abcdef";
    Map<String, Object> column = Map.of("name", "id", "type", "int64", "nullable", false);
    Map<String, Object> orders =
        Map.of(
            "name",
            "orders",
            "schema",
            List.of(column),
            "mode",
            "ingest",
            "partitions",
            1,
            "shard",
            shard);
    byte[] stored =
        Cbor.mapper()
            .writeValueAsBytes(Map.of("format", 1, "collections", Map.of("orders", orders)));
    assertTrue(world.result(consensus.compareAndSet(Catalog.KEY, new Version(0, stored))));

    CollectionSpec read = world.result(catalog(consensus).read()).get("orders");

    assertEquals(
        new CollectionSpec(
            "orders", SCHEMA, Mode.INGEST, 1, new ShardId(shard), Retention.FOREVER, 0L),
        read);
    CollectionSpec more = world.result(create("more"));
    assertEquals(Map.of("orders", read, "more", more), world.result(catalog(consensus).read()));
  }

  @Test
  void shouldRefuseNamesAndPartitionsInTheFuture() {
    for (String wrong :
        List.of("", "Orders", "1a", "a.b", "a/b", "admin", "internal", "a".repeat(64), "ö")) {
      assertRefused(FailureCode.INVALID_ROW, create(wrong));
    }
    Catalog catalog = catalog(consensus);
    for (int wrong : new int[] {0, -1, CollectionSpec.MAX_PARTITIONS + 1}) {
      assertRefused(
          FailureCode.INVALID_ROW,
          catalog.create("a", SCHEMA, Mode.SOURCE, wrong, Retention.FOREVER));
    }
    assertRefused(
        FailureCode.INVALID_ROW, catalog.create("a", SCHEMA, Mode.INGEST, 2, Retention.FOREVER));
    world.result(create("a".repeat(63)));
    world.result(
        catalog.create("a", SCHEMA, Mode.SOURCE, CollectionSpec.MAX_PARTITIONS, Retention.FOREVER));
  }

  @Test
  void shouldRefuseMoreCollectionsThanItHolds() throws IOException {
    Map<String, CollectionSpec> many = new TreeMap<>();
    for (int i = 0; i < Catalog.MAX_COLLECTIONS - 1; i++) {
      many.put("c" + i, spec("c" + i, SCHEMA));
    }
    store(many);
    world.result(create("last"));

    assertRefused(FailureCode.OVERLOADED, create("one-more"));
  }

  @Test
  void shouldRefuseAListThatTheStoreWouldNotTake() throws IOException {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < Schema.MAX_COLUMNS; i++) {
      columns.add(Column.nullable("a_rather_long_name_of_a_column_" + i, ColumnType.TIMESTAMP));
    }
    Schema wide = new Schema(columns);
    Map<String, CollectionSpec> many = new TreeMap<>();
    byte[] one = Cbor.mapper().writeValueAsBytes(spec("c0", wide));
    for (int i = 0; i < Consensus.MAX_VALUE_BYTES / (one.length + 10); i++) {
      many.put("c" + i, spec("c" + i, wide));
    }
    store(many);

    assertRefused(
        FailureCode.OVERLOADED,
        catalog(consensus)
            .create("too-many", wide, Mode.INGEST, 1, Retention.FOREVER)
            .compose(
                made ->
                    catalog(consensus)
                        .create("too-many2", wide, Mode.INGEST, 1, Retention.FOREVER)));
  }

  private CollectionSpec spec(String name, Schema schema) {
    return new CollectionSpec(
        name,
        schema,
        Mode.INGEST,
        1,
        ShardId.random(world.environment().entropy()),
        Retention.FOREVER,
        0L);
  }

  private void store(Map<String, CollectionSpec> collections) throws IOException {
    byte[] stored =
        Cbor.mapper().writeValueAsBytes(Map.of("format", 1, "collections", collections));
    assertTrue(world.result(consensus.compareAndSet(Catalog.KEY, new Version(0, stored))));
  }

  @Test
  void shouldCreateEachOnceHoweverAnswersAreLost() {
    Seeds.forEach(30, this::createsEachOnce);
  }

  private void createsEachOnce(long seed) {
    SimulatedWorld each = new SimulatedWorld(seed);
    MemoryConsensus inner = new MemoryConsensus();
    Faults faults =
        new Faults(each.environment().entropy(), each.environment().timers())
            .answered(0.7)
            .happens(0.8)
            .late(0.5, 30);
    Catalog catalog =
        new Catalog(
            new UnreliableConsensus(inner, faults),
            each.environment(),
            new Retry.Policy(1, 20, 100_000));
    List<Future<CollectionSpec>> creating = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      creating.add(catalog.create("c" + i % 4, SCHEMA, Mode.INGEST, 1, Retention.FOREVER));
    }
    each.runAll();
    Catalog reliable = new Catalog(inner, each.environment(), new Retry.Policy(1, 20, 100_000));
    Map<String, CollectionSpec> all = each.result(reliable.read());
    assertEquals(4, all.size());
    for (int i = 0; i < 6; i++) {
      Future<CollectionSpec> made = creating.get(i);
      if (made.succeeded()) {
        assertEquals(all.get("c" + i % 4), made.result());
      } else {
        assertEquals(
            FailureCode.COLLECTION_EXISTS, each.failure(RefusedException.class, made).code());
      }
    }
    assertEquals(4, creating.stream().filter(Future::succeeded).count());
  }

  @Test
  void shouldSayThatTheListDoesNotDecode() throws IOException {
    byte[] nonsense = {1, 2, 3};
    world.result(consensus.compareAndSet(Catalog.KEY, new Version(0, nonsense)));
    world.failure(IllegalStateException.class, catalog(consensus).read());
    byte[] newer = Cbor.mapper().writeValueAsBytes(Map.of("format", 3, "collections", Map.of()));
    world.result(consensus.compareAndSet(Catalog.KEY, new Version(1, newer)));

    IllegalStateException refused =
        world.failure(IllegalStateException.class, catalog(consensus).read());

    assertTrue(refused.getMessage().endsWith("use the newer version"), refused.getMessage());
  }
}
