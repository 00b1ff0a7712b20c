package io.tidemark.append;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.environment.Offload;
import io.tidemark.persist.Append;
import io.tidemark.persist.Part;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.protocol.Bus;
import io.tidemark.row.BlockCodec;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class AnnouncerTest {

  private static final Schema SCHEMA = Schema.of(Column.required("id", ColumnType.INT64));

  private final List<JsonObject> told = new ArrayList<>();
  private final ArrayDeque<Runnable> work = new ArrayDeque<>();
  private final Announcer announcer =
      new Announcer("orders", new Changes(SCHEMA, 64 << 10), new Told(), new Later());

  /** Work that is done when the test says so. */
  private final class Later implements Offload {
    @Override
    public <T> Future<T> call(Callable<T> call) {
      Promise<T> done = Promise.promise();
      work.add(
          () -> {
            try {
              done.complete(call.call());
            } catch (Exception e) {
              done.fail(e);
            }
          });
      return done.future();
    }
  }

  /** A bus on which nothing but publishing is done. */
  private final class Told implements Bus {
    @Override
    public void publish(String address, Object body) {
      assertEquals("tidemark.orders.changes", address);
      told.add((JsonObject) body);
    }

    @Override
    public Future<Object> request(
        String address, Object body, Map<String, String> headers, long millis) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void send(String address, Object body) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Future<Registration> consume(String address, Consumer<Delivery> handler) {
      throw new UnsupportedOperationException();
    }
  }

  private static Append append(long lower, int rows) {
    UpdateBlockBuilder block = new UpdateBlockBuilder(SCHEMA);
    for (int i = 0; i < rows; i++) {
      block.int64(0, i);
      block.row(lower, 1);
    }
    BatchDescription range = new BatchDescription(Antichain.of(lower), Antichain.of(lower + 1));
    Part part = new Part.Inline(BlockCodec.encode(block.build()), rows, range, null);
    return new Append(range.lower(), range.upper(), List.of(part), Map.of(), Map.of());
  }

  private List<Long> lowers() {
    return told.stream().map(message -> message.getLong("lower")).toList();
  }

  @Test
  void shouldTellLittleAtOnceAndMuchInOrder() {
    announcer.committed(1, append(0, 3));
    assertEquals(List.of(0L), lowers());
    announcer.committed(1, append(1, 2_000));
    announcer.committed(1, append(2, 3));
    assertEquals(List.of(0L), lowers());
    while (!work.isEmpty()) {
      work.remove().run();
    }
    assertEquals(List.of(0L, 1L, 2L), lowers());
    assertEquals(2_000, told.get(1).getJsonArray("updates").size());
    announcer.committed(1, append(3, 3));
    assertEquals(List.of(0L, 1L, 2L, 3L), lowers());
  }

  @Test
  void shouldTellOnlyTheBoundsOfWhatComesWhileMuchWaits() {
    int batches = Announcer.MAX_WAITING + 2;
    for (int i = 0; i < batches; i++) {
      announcer.committed(1, append(i, 2_000));
    }
    while (!work.isEmpty()) {
      work.remove().run();
    }
    assertEquals(batches, told.size());
    assertTrue(told.get(Announcer.MAX_WAITING - 1).containsKey("updates"));
    assertFalse(told.get(Announcer.MAX_WAITING).containsKey("updates"));
    assertEquals(batches - 1, told.get(batches - 1).getLong("lower"));
  }
}
