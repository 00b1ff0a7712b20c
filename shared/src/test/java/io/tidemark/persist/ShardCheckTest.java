package io.tidemark.persist;

import static io.tidemark.persist.ShardFixture.change;
import static io.tidemark.persist.ShardFixture.inlineAppend;
import static io.tidemark.persist.ShardFixture.range;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.location.Blob;
import io.tidemark.location.Consensus;
import io.tidemark.location.Consensus.Version;
import io.tidemark.location.memory.MemoryConsensus;
import io.tidemark.progress.Antichain;
import io.tidemark.row.BlockCodec;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardCheckTest {

  @TempDir Path spill;

  private final AgedShard aged = new AgedShard(new Bounds());

  private CheckReport check(Blob blob, Consensus consensus) {
    SnapshotOptions options = new SnapshotOptions(1 << 20, spill, 100, 0);
    ShardCheck check =
        new ShardCheck(
            aged.shard.client(blob, consensus),
            aged.shard.id,
            aged.shard.world.environment(),
            options);
    return aged.shard.world.result(check.run());
  }

  private CheckReport check() {
    return check(aged.shard.blob, aged.shard.consensus);
  }

  /** The one thing that is wrong, in a line. */
  private static String only(CheckReport report) {
    assertEquals(1, report.findings().size(), report.toString());
    return report.findings().get(0).line();
  }

  private static void assertSays(String line, String... words) {
    for (String word : words) {
      assertTrue(line.contains(word), line);
    }
  }

  /** Versions of which some are other ones, or none. */
  private record Edited(Consensus of, Map<Long, UnaryOperator<Version>> edits)
      implements Consensus {

    @Override
    public Future<Optional<Version>> head(String key) {
      return of.head(key);
    }

    @Override
    public Future<List<Version>> scan(String key, long from, int limit) {
      return of.scan(key, from, limit + edits.size())
          .map(versions -> edited(versions).stream().limit(limit).toList());
    }

    private List<Version> edited(List<Version> versions) {
      List<Version> left = new ArrayList<>();
      for (Version version : versions) {
        UnaryOperator<Version> edit = edits.get(version.seqno());
        Version other = edit == null ? version : edit.apply(version);
        if (other != null) {
          left.add(other);
        }
      }
      return left;
    }

    @Override
    public Future<Boolean> compareAndSet(String key, Version next) {
      throw new AssertionError("a check writes nothing");
    }

    @Override
    public Future<Long> truncate(String key, long seqno) {
      throw new AssertionError("a check removes nothing");
    }

    @Override
    public Future<Void> listKeys(Consumer<String> keys) {
      return of.listKeys(keys);
    }
  }

  /** Objects that are only read; somebody is told of each that is. */
  private record Reading(Blob of, Consumer<String> told) implements Blob {

    @Override
    public Future<Optional<byte[]>> get(String key) {
      told.accept(key);
      return of.get(key);
    }

    @Override
    public Future<Void> list(String prefix, Consumer<Entry> objects) {
      return of.list(prefix, objects);
    }

    @Override
    public Future<Void> set(String key, byte[] value) {
      throw new AssertionError("a check writes nothing");
    }

    @Override
    public Future<OptionalLong> delete(String key) {
      throw new AssertionError("a check removes nothing");
    }

    @Override
    public Future<Void> restore(String key) {
      throw new AssertionError("a check restores nothing");
    }
  }

  private Consensus edited(long seqno, UnaryOperator<Version> edit) {
    Map<Long, UnaryOperator<Version>> edits = new HashMap<>();
    edits.put(seqno, edit);
    return new Edited(aged.shard.consensus, edits);
  }

  private byte[] object(String key) {
    return aged.shard.world.result(aged.shard.blob.get(key)).orElseThrow();
  }

  private void put(String key, byte[] bytes) {
    aged.shard.world.result(aged.shard.blob.set(key, bytes));
  }

  private String partKey() {
    return aged.shard.state().trace().keys().iterator().next();
  }

  @Test
  void shouldReadPartsUnderTheColumnsThatTheyWereWrittenWith() {
    aged.age(1);
    aged.shard.append(aged.writer, inlineAppend(aged.at, aged.at + 1, change(aged.at, 9, 1)));
    Shard open = aged.shard.open();
    Column note = Column.nullable("note", ColumnType.STRING);
    Schema more = open.schema().altered(List.of(note), List.of());
    assertEquals(new EvolveOutcome.Evolved(1), aged.shard.world.result(open.evolve(0, more)));

    assertEquals(List.of(), check().findings());
  }

  @Test
  void shouldFindNothingInASoundShardAndChangeNothing() {
    aged.age(3);

    CheckReport report =
        check(
            new Reading(aged.shard.blob, key -> {}),
            new Edited(aged.shard.consensus, new HashMap<>()));

    assertEquals(List.of(), report.findings());
    assertTrue(report.settled(), report.toString());
    assertEquals(aged.versions().size(), report.versions());
    assertEquals(4, report.rollups());
    assertEquals(aged.shard.state().trace().parts(), report.parts());
    aged.collect();
    assertTrue(check().isSound(), check().toString());
  }

  @Test
  void shouldFindNothingInAShardThatNobodyHasOpened() {
    ShardFixture fresh = new ShardFixture(new Bounds());
    SnapshotOptions options = new SnapshotOptions(1 << 20, spill, 100, 0);
    ShardCheck check = new ShardCheck(fresh.client(), fresh.id, fresh.world.environment(), options);

    assertEquals(
        new CheckReport(List.of(), 0, true, 0, 0, 0, 0, 0), fresh.world.result(check.run()));
  }

  @Test
  void shouldReadMoreVersionsThanAPageHas() {
    while (aged.shard.state().seqno() < 2 * StateLoader.PAGE) {
      aged.shard.append(aged.writer, inlineAppend(aged.at, aged.at + 1));
      aged.at++;
    }

    CheckReport report = check();

    assertTrue(report.isSound(), report.toString());
    assertEquals(2 * StateLoader.PAGE + 1, report.versions());
    long last = report.versions() - 1;
    assertSays(
        only(check(aged.shard.blob, edited(last - 1, version -> null))),
        "version " + (last - 1) + " is missing");
  }

  @Test
  void shouldNameAPartThatIsMissingDamagedOrCut() {
    aged.age(1);
    String key = partKey();
    byte[] whole = object(key);

    aged.shard.world.result(aged.shard.blob.delete(key));
    assertSays(only(check()), "part " + key + " is missing", "bring it back with 'restore'");

    byte[] flipped = whole.clone();
    flipped[flipped.length / 2] ^= 1;
    put(key, flipped);
    assertSays(only(check()), "part " + key + " is damaged", "checksum");

    put(key, Arrays.copyOf(whole, whole.length - 7));
    assertSays(only(check()), "part " + key, "bytes instead of " + whole.length);

    put(key, whole);
    assertTrue(check().isSound(), check().toString());
  }

  @Test
  void shouldNameBothOfTwoPartsThatWereSwapped() {
    Batch first = aged.append();
    Batch second = aged.append();
    byte[] ours = object(first.keys().get(0));
    put(first.keys().get(0), object(second.keys().get(0)));
    put(second.keys().get(0), ours);

    List<Finding> findings = check().findings();

    assertEquals(2, findings.size(), findings.toString());
    assertSays(findings.get(0).line(), first.keys().get(0));
    assertSays(findings.get(1).line(), second.keys().get(0));
  }

  @Test
  void shouldNameAVersionThatIsMissingOrIsNone() {
    aged.age(1);
    aged.append();
    aged.append();
    long last = aged.shard.state().seqno();

    assertSays(
        only(check(aged.shard.blob, edited(last - 1, version -> null))),
        "version " + (last - 1) + " is missing from consensus");
    assertSays(
        only(
            check(
                aged.shard.blob, edited(last, version -> new Version(last, new byte[] {1, 2, 3})))),
        "version " + last + " cannot be applied");
  }

  @Test
  void shouldGoOnFromTheNextRollupAfterAVersionThatIsMissing() {
    aged.age(2);
    long lost = aged.shard.state().rollup().seqno() - 1;

    CheckReport report = check(aged.shard.blob, edited(lost, version -> null));

    assertSays(only(report), "version " + lost + " is missing");
    assertEquals(aged.shard.state().trace().parts(), report.parts());
  }

  @Test
  void shouldNameARollupThatIsMissingDamagedOrAnother() {
    aged.age(2);
    Rollup newest = aged.shard.state().rollup();
    byte[] whole = object(newest.key());

    aged.shard.world.result(aged.shard.blob.delete(newest.key()));
    assertSays(
        only(check()), "rollup " + newest.key() + " is missing", "no node can open the collection");

    byte[] flipped = whole.clone();
    flipped[20] ^= 1;
    put(newest.key(), flipped);
    assertSays(only(check()), "rollup " + newest.key() + " is damaged");
  }

  @Test
  void shouldNameARollupThatIsNotWhatTheVersionsComeTo() {
    aged.age(1);
    Rollup newest = aged.shard.state().rollup();
    ShardState.Contents contents = StateCodec.decodeState(aged.shard.id, object(newest.key()));
    ShardState changed = new ShardState(contents, newest);
    changed.positions().put("nobody", new Position(1, 1, 0, "x", 0));
    byte[] encoded = StateCodec.encode(changed.contents());
    put(newest.key(), encoded);
    Rollup other =
        new Rollup(newest.seqno(), newest.key(), encoded.length, StateLoader.crc32c(encoded));
    Map<Long, UnaryOperator<Version>> edits = new HashMap<>();
    for (Version version : aged.versions()) {
      StateDiff diff = StateCodec.decodeDiff(aged.shard.id, version.data());
      if (diff.rollup().equals(newest)) {
        edits.put(version.seqno(), each -> new Version(each.seqno(), renamed(diff, other)));
      }
    }

    assertSays(
        only(check(aged.shard.blob, new Edited(aged.shard.consensus, edits))),
        "rollup " + newest.key() + " does not hold the state");
  }

  /** The version with another rollup. Only what these versions change is kept. */
  private static byte[] renamed(StateDiff diff, Rollup rollup) {
    StateDiff.Builder builder = new StateDiff.Builder().rollup(rollup);
    if (diff.pushed() != null) {
      builder.push(diff.pushed());
    }
    diff.writers().forEach(builder::writer);
    return StateCodec.encode(builder.build(diff.seqno(), diff.wallMillis(), rollup));
  }

  @Test
  void shouldNameABatchThatDoesNotBeginWhereTheLastOneEnds() {
    aged.append();
    aged.append();
    long last = aged.shard.state().seqno();
    StateDiff diff = StateCodec.decodeDiff(aged.shard.id, aged.versions().get((int) last).data());
    StateDiff.Builder gap = new StateDiff.Builder().push(Batch.empty(range(5, 6)));
    diff.writers().forEach(gap::writer);
    byte[] bytes = StateCodec.encode(gap.build(last, diff.wallMillis(), diff.rollup()));

    assertSays(
        only(check(aged.shard.blob, edited(last, version -> new Version(last, bytes)))),
        "version " + last + " cannot be applied",
        "does not start at");
  }

  @Test
  void shouldNameCountsThatDoNotMatch() {
    UpdateBlock block = change(0, 1, 1);
    Part.Inline more = new Part.Inline(BlockCodec.encode(block), 2, range(0, 1), null);
    aged.shard.append(
        aged.writer,
        new Append(Antichain.of(0), Antichain.of(1), List.of(more), Map.of(), Map.of()));
    assertSays(only(check()), "an inline part holds 1 updates, and its batch counts 2");
  }

  @Test
  void shouldNameUpdatesThatARewriteLosesFromItsBatch() {
    UpdateBlock block = change(9, 1, 1);
    Part.Inline moved = new Part.Inline(BlockCodec.encode(block), 1, range(0, 1), 0L);
    aged.shard.append(
        aged.writer,
        new Append(Antichain.of(0), Antichain.of(1), List.of(moved), Map.of(), Map.of()));
    assertSays(only(check()), "an inline part has 1 updates outside of its batch");
  }

  @Test
  void shouldNameRowsThatWereRetractedTooOften() {
    aged.append();
    aged.shard.append(
        aged.writer, inlineAppend(1, 2, change(1, 77, -1), change(1, 78, -2), change(1, 78, 2)));

    assertSays(only(check()), "1 rows were retracted more often than inserted, like {\"id\":77");
  }

  @Test
  void shouldSayNothingOfSumsToWhichSomethingIsMissing() {
    Batch inserted = aged.upload(range(0, 1), change(0, 77, 1));
    aged.shard.append(aged.writer, Append.of(inserted));
    aged.shard.append(aged.writer, inlineAppend(1, 2, change(1, 77, -1)));
    assertTrue(check().isSound());

    aged.shard.world.result(aged.shard.blob.delete(inserted.keys().get(0)));
    assertSays(only(check()), "is missing");
  }

  @Test
  void shouldLookAgainAtWhatWasCollectedMeanwhile() {
    aged.append();
    aged.append();
    List<String> reads = new ArrayList<>();
    Blob collectedMeanwhile =
        new Reading(
            aged.shard.blob,
            key -> {
              reads.add(key);
              if (reads.size() == 2) { // the state is known, and no part was read yet
                aged.age(1);
                aged.collect();
              }
            });

    CheckReport report = check(collectedMeanwhile, aged.shard.consensus);

    assertEquals(List.of(), report.findings());
    assertTrue(report.settled(), report.toString());
    assertEquals(aged.shard.state().trace().parts(), report.parts());
  }

  @Test
  void shouldGiveUpOnAShardThatNeverStandsStill() {
    aged.append();
    aged.append();
    Blob restless =
        new Reading(
            aged.shard.blob,
            key -> {
              if (key.contains("/w")) {
                aged.age(1);
                aged.collect();
              }
            });

    CheckReport report = check(restless, aged.shard.consensus);

    assertEquals(List.of(), report.findings());
    assertTrue(!report.settled(), report.toString());
  }

  @Test
  void shouldNameAStateThatIsLost() {
    aged.append();

    String line = only(check(aged.shard.blob, new MemoryConsensus()));

    assertSays(line, "shard " + aged.shard.id + " has no version in consensus");
  }

  @Test
  void shouldTellNoMoreThanABoundedNumberOfFindings() {
    Findings findings = new Findings();
    for (int i = 0; i < Findings.MAX_TOLD + 3; i++) {
      findings.add(new Finding("part " + i, "is missing", "it", "restore\nit"));
    }
    assertEquals(Findings.MAX_TOLD, findings.told().size());
    assertEquals(3, findings.untold());
    assertEquals("part 0 is missing: it; restore it", findings.told().get(0).line());
  }
}
