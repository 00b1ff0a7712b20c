package io.tidemark.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.environment.SimulatedWorld;
import io.tidemark.persist.Position;
import io.tidemark.persist.ShardId;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.Messages.OpenProducer;
import io.tidemark.protocol.Messages.Receipt;
import io.tidemark.protocol.Messages.Session;
import io.tidemark.protocol.Messages.Submit;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import java.util.List;
import java.util.stream.IntStream;

/** A client's world: its clock, and the bus that the test answers. */
final class ClientFixture {

  static final Schema SCHEMA =
      Schema.of(
          Column.required("id", ColumnType.INT64), Column.nullable("name", ColumnType.STRING));
  static final SessionSettings SETTINGS = new SessionSettings(1000, 8, 100, 5000, 10, 80);

  final SimulatedWorld world = new SimulatedWorld(1);
  final ScriptedBus bus = new ScriptedBus();

  /** The request to open that comes next. */
  @CanIgnoreReturnValue
  ScriptedBus.Request opening() {
    world.advance(100);
    return bus.next(OpenProducer.class);
  }

  /** The message that comes next. */
  @CanIgnoreReturnValue
  ScriptedBus.Request submitted() {
    return bus.next(Submit.class);
  }

  static final ShardId SHARD = new ShardId("s0123456789abcdef0123456789abcdef");

  static Submit submit(ScriptedBus.Request request) {
    return (Submit) request.body();
  }

  /** A session of an epoch in which this much is committed and accepted. */
  static Session session(long epoch, long committed, long accepted, String instance) {
    return new Session(
        epoch,
        "w" + epoch,
        epoch * 10,
        new Position(committed, committed, 7, instance, 0),
        accepted,
        instance,
        Antichain.of(8),
        SCHEMA,
        SHARD,
        1 << 20);
  }

  static Receipt receipt(long time) {
    return new Receipt(time, Antichain.of(time + 1));
  }

  /** The ids of the rows of a message. */
  static List<Long> ids(ScriptedBus.Request request) {
    return ids(submit(request).rows().decode(SCHEMA));
  }

  static List<Long> ids(UpdateBlock block) {
    return IntStream.range(0, block.size()).mapToObj(i -> (Long) block.value(0, i)).toList();
  }

  static UpdateBlock rows(long... ids) {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA);
    for (long id : ids) {
      builder.int64(0, id);
      builder.row(id, 1);
    }
    return builder.build();
  }

  static UpdateBlock large(int bytes) {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(SCHEMA);
    builder.int64(0, 1).string(1, "x".repeat(bytes));
    builder.row(1, 1);
    return builder.build();
  }
}
