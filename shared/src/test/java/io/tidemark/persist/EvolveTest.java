package io.tidemark.persist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.Seeds;
import io.tidemark.location.Consensus.Version;
import io.tidemark.persist.EvolveOutcome.Evolved;
import io.tidemark.persist.EvolveOutcome.ExpectedMismatch;
import io.tidemark.persist.EvolveOutcome.Incompatible;
import io.tidemark.persist.ListenEvent.Updates;
import io.tidemark.progress.Antichain;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.Update;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shard whose schema evolves holds what it held, and takes and gives what is new. */
class EvolveTest {

  private static final Schema FIRST = ShardFixture.SCHEMA;
  private static final Column NOTE = Column.nullable("note", ColumnType.STRING);
  private static final Schema SECOND = FIRST.altered(List.of(NOTE), List.of("id"));

  @TempDir Path spill;

  private ShardFixture shard = new ShardFixture(new Bounds());

  private EvolveOutcome evolve(Shard of, int expected, Schema to) {
    return shard.world.result(of.evolve(expected, to));
  }

  @Test
  void shouldTakeTheSchemaThatFollowsTheNewest() {
    Shard one = shard.open();
    Shard other = shard.open();
    Schema third = SECOND.altered(List.of(Column.nullable("more", ColumnType.BOOL)), List.of());

    assertEquals(VersionedSchema.first(FIRST), one.registered());
    assertEquals(new Evolved(1), evolve(one, 0, SECOND));
    assertEquals(new Evolved(1), evolve(other, 0, SECOND), "asked for again");
    assertEquals(new ExpectedMismatch(new VersionedSchema(1, SECOND)), evolve(other, 0, third));
    assertEquals(new Evolved(2), evolve(other, 1, third));
    assertEquals(new VersionedSchema(2, third), shard.open().registered());
    assertEquals(third, shard.open().schema());
  }

  @Test
  void shouldSayWhatDoesNotFit() {
    Shard open = shard.open();
    assertEquals(new Evolved(1), evolve(open, 0, SECOND));
    long seqno = shard.state().seqno();

    Incompatible refused = assertInstanceOf(Incompatible.class, evolve(open, 1, FIRST));

    assertTrue(refused.reason().contains("'id' is nullable"), refused.reason());
    assertEquals(seqno, shard.state().seqno(), "nothing was written");
  }

  @Test
  void shouldNotChangeWhatWasDropped() {
    Shard open = shard.open();
    shard.world.result(open.drop());

    shard.world.failure(ShardDroppedException.class, open.evolve(0, SECOND));
  }

  /** Until a schema evolves, nothing says so: who reads format 2 goes on. */
  @Test
  void shouldWriteTheNewFormatOnlyWhereItIsNeeded() throws IOException {
    WriteHandle writer = shard.startEpoch();
    shard.append(writer, ShardFixture.inlineAppend(0, 5, ShardFixture.rows(1, 1)));
    assertEquals(2, shard.state().contents().format());
    Shard open = shard.open();
    assertEquals(new Evolved(1), evolve(open, 0, SECOND));
    shard.append(writer, ShardFixture.inlineAppend(5, 6, ShardFixture.rows(5, 2)));

    List<Integer> formats = new ArrayList<>();
    for (Version version : shard.world.result(shard.consensus.scan(shard.id.text(), 0, 100))) {
      JsonNode tree = Cbor.mapper().readTree(version.data());
      formats.add(tree.get("format").asInt());
      assertEquals(tree.has("evolution") ? 3 : 2, tree.get("format").asInt());
    }
    assertEquals(1, Collections.frequency(formats, 3), "" + formats);
    assertEquals(3, shard.state().contents().format());
  }

  @Test
  void shouldTellAnEpochThatItIsOutdated() {
    Shard open = shard.open();
    WriteHandle writer = shard.world.result(open.startEpoch());
    assertFalse(writer.isOutdated());
    assertEquals(new Evolved(1), evolve(shard.open(), 0, SECOND));
    shard.world.result(open.refresh());

    assertTrue(writer.isOutdated());
    assertEquals(FIRST, writer.target().schema(), "it goes on as it began");
    shard.append(writer, ShardFixture.inlineAppend(0, 5, ShardFixture.rows(1, 1)));
    WriteHandle next = shard.world.result(open.startEpoch());
    assertEquals(new VersionedSchema(1, SECOND), next.target().registered());
    assertFalse(next.isOutdated());
  }

  @Test
  void shouldRefuseAPartOfASchemaThatTheEpochDoesNotKnow() {
    WriteHandle writer = shard.startEpoch();
    Part.Inline part = ShardFixture.inline(ShardFixture.rows(1, 1));
    Part newer = new Part.Inline(part.block(), 1, part.bounds(), null, 1);
    Append append =
        new Append(Antichain.minimum(), Antichain.of(5), List.of(newer), Map.of(), Map.of());

    shard.world.failure(InvalidUsageException.class, writer.compareAndAppend(append));
  }

  @Test
  void shouldGiveAListenTheNewColumnsAfterTheChange() {
    Shard reading = shard.open();
    Listen listen = shard.world.result(shard.world.result(reading.openReader("test")).listen(-1));
    shard.append(shard.startEpoch(), ShardFixture.inlineAppend(0, 5, ShardFixture.rows(1, 1)));
    Updates first = assertInstanceOf(Updates.class, shard.world.result(listen.next()));
    assertEquals(FIRST, first.block().schema());
    assertInstanceOf(ListenEvent.Progress.class, shard.world.result(listen.next()));

    assertEquals(new Evolved(1), evolve(shard.open(), 0, SECOND));
    WriteHandle writer = shard.startEpoch();
    append(writer, 5, noted(5, 2L, "x", "new", 1));

    Updates second = assertInstanceOf(Updates.class, shard.world.result(listen.next()));
    assertEquals(SECOND, second.block().schema());
    assertEquals("new", second.block().value(2, 0));
  }

  @Test
  void shouldCancelARowThatWasWrittenUnderAnOlderSchema() {
    shard = new ShardFixture(new Bounds().compaction(compaction()));
    WriteHandle old = shard.startEpoch();
    append(old, 0, ShardFixture.rows(0, 1, 2));
    assertEquals(new Evolved(1), evolve(shard.open(), 0, SECOND));
    WriteHandle writer = shard.startEpoch();
    append(writer, 1, noted(1, 1L, "row 1", null, -1));

    assertEquals(Map.of("[2, row 2, null]", 1L), snapshot(1));
    shard.moveSince(1);
    writer = shard.startEpoch();
    shard.world.result(writer.compact());

    assertEquals(Map.of("[2, row 2, null]", 1L), snapshot(1));
    assertEquals(1, shard.contents().blocks().stream().mapToInt(UpdateBlock::size).sum());
    for (Batch batch : shard.state().trace().batches()) {
      batch
          .parts()
          .forEach(part -> assertEquals(1, Part.schemaId(part), "rewritten to the newest"));
    }
  }

  private CompactionOptions compaction() {
    return new CompactionOptions(true, 2, 2, 1, 256 << 10, spill, 90_000).onDemand();
  }

  /** A batch of one time, made by a builder as a writer does. */
  private void append(WriteHandle writer, long time, UpdateBlock... blocks) {
    BatchBuilder builder =
        new BatchBuilder(
            writer.target(), Antichain.of(time), BatchBuilder.Times.GIVEN, bytes -> {});
    for (UpdateBlock block : blocks) {
      shard.world.result(builder.add(block.under(writer.target().schema())));
    }
    Batch batch = shard.world.result(builder.cut(ShardFixture.range(time, time + 1)));
    assertInstanceOf(AppendOutcome.Committed.class, shard.append(writer, Append.of(batch)));
  }

  private static UpdateBlock noted(long time, Long id, String name, String note, long diff) {
    return row(SECOND, time, diff, new Object[] {id, name, note});
  }

  private static UpdateBlock row(Schema schema, long time, long diff, Object[] values) {
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    for (int c = 0; c < values.length; c++) {
      if (values[c] instanceof Long number) {
        builder.int64(c, number);
      } else if (values[c] instanceof String text) {
        builder.string(c, text);
      }
    }
    builder.row(time, diff);
    return builder.build();
  }

  /** How often each row is there, of the newest schema. */
  private Map<String, Long> snapshot(long asOf) {
    SnapshotOptions options = new SnapshotOptions(1 << 20, spill, 100, 0);
    Shard open = shard.open();
    Snapshot snapshot = shard.world.result(open.snapshot(OptionalLong.of(asOf), options));
    assertEquals(open.registered(), snapshot.schema());
    Map<String, Long> rows = new TreeMap<>();
    Optional<UpdateBlock> block = shard.world.result(snapshot.next());
    while (block.isPresent()) {
      assertEquals(open.schema(), block.get().schema());
      for (Update update : Update.listOf(block.get())) {
        rows.merge(update.row().toString(), update.diff(), Long::sum);
      }
      block = shard.world.result(snapshot.next());
    }
    shard.world.result(snapshot.close());
    return rows;
  }

  /** Whatever is written, altered, merged and collected: the rows are those that were written. */
  @Test
  void shouldHoldWhatWasWrittenUnderAnySchema() {
    Seeds.forEach(25, this::holdsWhatWasWritten);
  }

  private void holdsWhatWasWritten(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Bounds bounds =
        new Bounds()
            .mergeInlineBatches(random.nextInt(2, 20))
            .partBytes(random.nextInt(100, 4000))
            .inlinePartBytes(random.nextBoolean() ? 1 : 1000)
            .rollups(5, 10)
            .compaction(new CompactionOptions(true, 2, 2, 1, 256 << 10, spill, 90_000));
    shard = new ShardFixture(seed, bounds);
    WriteHandle writer = shard.startEpoch();
    Map<List<Object>, Long> written = new TreeMap<>((a, b) -> (a + "").compareTo(b + ""));
    long at = 0;
    for (int i = 0; i < 60; i++) {
      Schema schema = writer.target().schema();
      UpdateBlock[] blocks = new UpdateBlock[random.nextInt(4)];
      for (int b = 0; b < blocks.length; b++) {
        Object[] values = new Object[schema.size()];
        values[0] = (long) random.nextInt(4);
        for (int c = 1; c < values.length; c++) {
          values[c] = random.nextInt(3) == 0 ? "v" : null;
        }
        long diff = random.nextBoolean() ? 1 : -1;
        blocks[b] = row(schema, at, diff, values);
        written.merge(withoutTrailingNulls(values), diff, Long::sum);
      }
      append(writer, at++, blocks);
      if (random.nextInt(3) == 0) {
        shard.world.runAll();
      }
      if (random.nextInt(8) == 0) {
        Shard open = shard.open();
        List<Column> more = List.of(Column.nullable("c" + i, ColumnType.STRING));
        int id = open.registered().id();
        assertEquals(new Evolved(id + 1), evolve(open, id, open.schema().altered(more, List.of())));
      }
      if (random.nextInt(6) == 0) {
        shard.world.runAll();
        shard.moveSince(at - 1);
        writer = shard.startEpoch();
      }
      if (random.nextInt(20) == 0) {
        shard.world.result(writer.compact());
      }
    }
    assertRows(written, at - 1);
    writer = shard.startEpoch();
    shard.moveSince(at - 1);
    shard.world.result(writer.compact());
    assertRows(written, at - 1);
    assertNotNull(shard.contents());
  }

  private void assertRows(Map<List<Object>, Long> written, long asOf) {
    int columns = shard.state().schema().size();
    Map<String, Long> expected = new TreeMap<>();
    written.forEach(
        (row, sum) -> {
          if (sum != 0) {
            List<Object> padded = new ArrayList<>(row);
            padded.addAll(Collections.nCopies(columns - row.size(), null));
            expected.put(padded.toString(), sum);
          }
        });
    assertEquals(expected, snapshot(asOf));
  }

  private static List<Object> withoutTrailingNulls(Object[] values) {
    int end = values.length;
    while (end > 0 && values[end - 1] == null) {
      end--;
    }
    return new ArrayList<>(Arrays.asList(values).subList(0, end));
  }
}
