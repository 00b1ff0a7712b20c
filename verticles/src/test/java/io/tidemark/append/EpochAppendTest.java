package io.tidemark.append;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.catalog.CollectionSpec;
import io.tidemark.catalog.Retention;
import io.tidemark.environment.Clock;
import io.tidemark.environment.CrashPoint;
import io.tidemark.environment.Environment;
import io.tidemark.environment.Timers;
import io.tidemark.location.Blob;
import io.tidemark.location.Consensus;
import io.tidemark.location.Faults;
import io.tidemark.location.Faults.Outage;
import io.tidemark.location.RealEnvironment;
import io.tidemark.location.UnreliableBlob;
import io.tidemark.location.UnreliableConsensus;
import io.tidemark.location.memory.MemoryBlob;
import io.tidemark.location.memory.MemoryConsensus;
import io.tidemark.persist.Append;
import io.tidemark.persist.AppendOutcome;
import io.tidemark.persist.Batch;
import io.tidemark.persist.Coordinator;
import io.tidemark.persist.Part;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.PersistOptions;
import io.tidemark.persist.Shard;
import io.tidemark.persist.ShardContents;
import io.tidemark.persist.ShardId;
import io.tidemark.persist.WriteHandle;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.protocol.Bus;
import io.tidemark.protocol.Counts;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Ack;
import io.tidemark.protocol.Messages.Committed;
import io.tidemark.protocol.Messages.Descriptions;
import io.tidemark.protocol.Messages.Numbered;
import io.tidemark.protocol.Messages.Roster;
import io.tidemark.protocol.Messages.Token;
import io.tidemark.protocol.Mode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.row.BlockCodec;
import io.tidemark.row.Column;
import io.tidemark.row.ColumnType;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of an append, on stores in memory that fail when they are told to. */
class EpochAppendTest {

  private static final Schema SCHEMA = Schema.of(Column.required("id", ColumnType.INT64));

  private final ArrayDeque<Runnable> due = new ArrayDeque<>();
  private final Clock clock = new StandingClock();
  private final Timers timers =
      (millis, task) -> {
        due.add(task);
        return () -> due.remove(task);
      };
  private String failing = "";
  private final Environment environment =
      new Environment(
          clock,
          timers,
          RealEnvironment.seeded(1),
          ShardContents.immediately(),
          point -> {
            if (point.equals(failing)) {
              throw new IllegalStateException("thrown at " + point);
            }
          });
  private final Faults consensusFaults = new Faults(environment.entropy(), timers);
  private final Faults blobFaults = new Faults(environment.entropy(), timers);
  private final Consensus consensus = new MemoryConsensus();
  private final Blob blob = new MemoryBlob();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<String> over = new ArrayList<>();
  private final List<Ending> endings = new ArrayList<>();
  private final List<Object> published = new ArrayList<>();
  private final CollectionSpec collection =
      new CollectionSpec(
          "orders",
          SCHEMA,
          Mode.INGEST,
          1,
          ShardId.random(environment.entropy()),
          Retention.FOREVER,
          0L);
  private Runnable whenOver = () -> {};
  private WriteHandle handle;
  private EpochAppend epoch;

  /** A lease that nobody asks for, and history that stays. */
  private static final class Forever implements Tenure {
    @Override
    public boolean mayCoordinate() {
      return true;
    }

    @Override
    public Retention retention() {
      return Retention.FOREVER;
    }

    @Override
    public Schema schema() {
      return SCHEMA;
    }

    @Override
    public void fenced(Fencing by) {
      throw new AssertionError("fenced by " + by);
    }

    @Override
    public void dropped() {
      throw new AssertionError("dropped");
    }

    @Override
    public void unanswered(long millis) {
      throw new AssertionError("unanswered");
    }
  }

  /** A clock that stands. */
  private static final class StandingClock implements Clock {
    @Override
    public long wallMillis() {
      return 1_700_000_000_000L;
    }

    @Override
    public long monotonicNanos() {
      return 0;
    }
  }

  /** Who waits for an answer. */
  private static final class Waiting implements Bus.Delivery {
    private Object reply;
    private RefusedException refusal;

    @Override
    public Object body() {
      return null;
    }

    @Override
    public String header(String name) {
      return null;
    }

    @Override
    public void reply(Object body) {
      reply = body;
    }

    @Override
    public void refuse(RefusedException refused) {
      refusal = refused;
    }
  }

  /** A bus on which nobody listens. */
  private final class Silence implements Bus {
    @Override
    public Future<Object> request(
        String address, Object body, Map<String, String> headers, long millis) {
      return Future.failedFuture(new RefusedException(FailureCode.UNAVAILABLE, "nobody"));
    }

    @Override
    public void send(String address, Object body) {
      published.add(body);
    }

    @Override
    public void publish(String address, Object body) {
      published.add(body);
    }

    @Override
    public Future<Registration> consume(String address, Consumer<Delivery> handler) {
      return Future.succeededFuture(Future::succeededFuture);
    }
  }

  @BeforeEach
  void begin() {
    PersistClient persist =
        new PersistClient(
            new UnreliableBlob(blob, blobFaults),
            new UnreliableConsensus(consensus, consensusFaults),
            PersistOptions.DEFAULTS);
    AppendContext context =
        new AppendContext(
            collection,
            "c",
            environment,
            new Silence(),
            persist,
            AppendSettings.DEFAULTS,
            new AppendMeters(registry, "orders", "s"),
            new Forever(),
            new Coordinator("n", "c"),
            100);
    handle = startEpoch();
    epoch =
        new EpochAppend(
            context,
            handle,
            new AnswerWatch(timers, AppendSettings.DEFAULTS.unansweredMillis(), () -> {}),
            () -> {},
            this::over);
    Waiting waiting = new Waiting();
    epoch.roster(new Roster("orders", handle.epoch(), List.of("w")), waiting);
    assertInstanceOf(Ack.class, waiting.reply);
  }

  private void over(Ending how, String reason) {
    endings.add(how);
    over.add(reason);
    whenOver.run();
  }

  private WriteHandle startEpoch() {
    return open().startEpoch().result();
  }

  private Shard open() {
    PersistClient persist =
        new PersistClient(
            new UnreliableBlob(blob, blobFaults),
            new UnreliableConsensus(consensus, consensusFaults),
            PersistOptions.DEFAULTS);
    return persist.open(collection.shard(), SCHEMA, environment).result();
  }

  private Waiting give(Part part) {
    BatchDescription range = new BatchDescription(Antichain.minimum(), Antichain.of(10));
    Waiting waiting = new Waiting();
    epoch.described(new Descriptions("orders", handle.epoch(), List.of(new Numbered(1, range))));
    epoch.token(
        new Token(
            "orders",
            handle.epoch(),
            "w",
            1,
            new Batch(range, List.of(part)),
            Map.of(),
            Map.of(),
            new Counts(1, 0, 0, 0, 1)),
        waiting);
    return waiting;
  }

  private static Part.Inline inline() {
    UpdateBlockBuilder block = new UpdateBlockBuilder(SCHEMA);
    block.int64(0, 3);
    block.row(7, 1);
    BatchDescription bounds = new BatchDescription(Antichain.of(7), Antichain.of(8));
    return new Part.Inline(BlockCodec.encode(block.build()), 1, bounds, null);
  }

  /** A part of this epoch's writer, which is in the blob store. */
  private Part.Hollow hollow() {
    String key = collection.shard() + "/" + handle.target().writer() + "/p1";
    Void unused = blob.set(key, new byte[1]).result();
    return new Part.Hollow(
        key, 1, 0, 1, new BatchDescription(Antichain.of(7), Antichain.of(8)), null);
  }

  private double counted(String meter) {
    return registry.find(meter).counters().stream().mapToDouble(Counter::count).sum();
  }

  private ShardContents contents() {
    return ShardContents.read(
        new PersistClient(blob, consensus, PersistOptions.DEFAULTS),
        collection.shard(),
        environment);
  }

  private void runWhatIsDue() {
    for (int i = 0; i < 3 && !due.isEmpty(); i++) {
      due.remove().run();
    }
  }

  @Test
  void shouldAnswerAndCountWhatIsCommitted() {
    Waiting waiting = give(inline());
    assertEquals(new Committed("orders", handle.epoch(), 1, Antichain.of(10)), waiting.reply);
    assertEquals(1, counted("tidemark.updates.committed"));
    assertEquals(Antichain.of(10), contents().upper());
    assertEquals(List.of(), over);
    assertEquals(waiting.reply, give(inline()).reply, "the same token again");
    assertEquals(1, counted("tidemark.updates.committed"));
  }

  @Test
  void shouldNotCountWhatWasNotCommitted() {
    WriteHandle other = startEpoch();
    Waiting waiting = give(inline());
    assertEquals(FailureCode.STALE_EPOCH, waiting.refusal.code());
    assertEquals(List.of("epoch " + other.epoch() + " has begun"), over);
    assertEquals(List.of(Ending.FENCED), endings);
    assertEquals(0, counted("tidemark.updates.committed"));
    assertEquals(0, counted("tidemark.source.row.inserts"));
    assertEquals(0, counted("tidemark.source.processed.batches"));
    assertEquals(Antichain.minimum(), contents().upper());
  }

  @Test
  void shouldTellItsOwnAppendFromAConflictWhenTheAnswerIsLost() {
    consensusFaults.outage(Outage.INDETERMINATE);
    Waiting waiting = give(inline());
    assertEquals(null, waiting.reply);
    assertEquals(Antichain.of(10), contents().upper(), "it happened");
    consensusFaults.outage(Outage.NONE);
    runWhatIsDue();
    assertInstanceOf(Committed.class, waiting.reply);
    assertEquals(List.of(), over, "nothing has to begin again");
    assertEquals(1, counted("tidemark.updates.committed"));
    assertEquals(1, contents().blocks().size());
  }

  @Test
  void shouldTellEverybodyOfAMismatchBeforeItDeletesParts() {
    Part.Hollow part = hollow();
    // A process of before this epoch, whose append has come through late.
    commitBehindItsBack();
    boolean[] wasThere = {false};
    whenOver = () -> wasThere[0] = blob.get(part.key()).result().isPresent();
    Waiting waiting = give(part);
    assertEquals(FailureCode.STALE_EPOCH, waiting.refusal.code());
    assertEquals(List.of("the shard's upper was at {4}, not {0}"), over);
    assertTrue(wasThere[0], "nobody waits for deletions");
    assertTrue(blob.get(part.key()).result().isEmpty(), "it can never be appended: it is deleted");
    assertEquals(1, counted("tidemark.append.mismatches"));
    assertEquals(0, counted("tidemark.updates.committed"));
  }

  @Test
  void shouldDeleteNoPartOfAnAppendThatIsInTheShardWhateverFailsAfterwards() {
    Part.Hollow part = hollow();
    failing = CrashPoint.A3.name();
    Waiting waiting = give(part);
    assertEquals(FailureCode.STALE_EPOCH, waiting.refusal.code());
    assertEquals(List.of("an append failed: thrown at A3"), over);
    failing = "";
    assertEquals(Antichain.of(10), open().upper(), "it was committed");
    assertTrue(blob.get(part.key()).result().isPresent(), "it is in the shard");
  }

  private void commitBehindItsBack() {
    BatchDescription range = new BatchDescription(Antichain.minimum(), Antichain.of(4));
    assertInstanceOf(
        AppendOutcome.Committed.class,
        handle.compareAndAppend(Append.of(Batch.empty(range))).result());
  }

  @Test
  void shouldEndOnce() {
    consensusFaults.outage(Outage.DETERMINATE);
    Waiting waiting = give(inline());
    assertEquals(null, waiting.refusal, "it is tried again");
    epoch.end(Ending.BROKEN, "it was told to");
    epoch.end(Ending.BROKEN, "again");
    assertEquals(FailureCode.STALE_EPOCH, waiting.refusal.code());
    assertEquals(List.of("it was told to"), over);
  }
}
