package io.tidemark.persist;

import io.tidemark.environment.Entropy;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.row.BlockCodec;
import io.tidemark.row.RandomBlocks;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Random commands to a shard, most of which take effect. The same seed gives the same ones. */
final class RandomShard {

  private static final String[] PRODUCERS = {"a", "b", "ü", "p".repeat(200), "~raw"};

  private final SplittableRandom random;
  private final RandomBlocks blocks;
  private final Schema schema;
  private final Entropy entropy;
  private final ShardId id;
  private WriterId writer;
  private String lastToken = "none";

  RandomShard(long seed) {
    this.blocks = new RandomBlocks(seed);
    this.random = blocks.random();
    this.schema = blocks.schema();
    this.entropy = random::nextLong;
    this.id = ShardId.random(entropy);
    this.writer = WriterId.random(entropy);
  }

  ShardId id() {
    return id;
  }

  Schema schema() {
    return schema;
  }

  SplittableRandom random() {
    return random;
  }

  /** The next command, given where the shard stands. */
  Command<?> command(ShardState state) {
    return switch (random.nextInt(19)) {
      case 0 -> {
        writer = random.nextInt(3) == 0 ? writer : WriterId.random(entropy);
        Coordinator by =
            random.nextBoolean() ? null : new Coordinator("n", "c" + random.nextInt(2));
        yield new StartEpoch(writer, new StartEpoch.Succession(by, -1, 0));
      }
      case 1 -> new AddRollup(new Rollup(random.nextLong(state.seqno() + 2), id + "/r", 7, 8));
      case 2, 3 -> merge(state);
      case 12, 13 -> readers(state);
      case 14 -> new ExpireReaders();
      case 15 -> new RegisterSince("since " + random.nextInt(3), random.nextInt(3));
      case 16 -> downgrade(state);
      case 18 -> evolve(state);
      case 17 ->
          state.seqno() > 25 && random.nextInt(10) == 0
              ? new Drop(false)
              : new ForgetRollups(random.nextLong(state.rollup().seqno() + 1));
      default -> append(state);
    };
  }

  /** Mostly the next schema; now and then one that comes late, or does not follow. */
  private Command<?> evolve(ShardState state) {
    if (state.isTombstone()) {
      return new ExpireReaders();
    }
    int expected = state.schemas().newest().id() - (random.nextInt(4) == 0 ? 1 : 0);
    Schema base = random.nextInt(4) == 0 ? schema : state.schema();
    return new Evolve(expected, blocks.evolved(base));
  }

  /** A reader of some process, and what it needs. */
  private record Reader(ReaderId id, Antichain since, long oldest) implements UpdateReaders.Held {
    @Override
    public long oldestSeqno(long next) {
      return Math.min(oldest, next);
    }
  }

  private Command<?> readers(ShardState state) {
    Map<ReaderId, String> opened = new LinkedHashMap<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      opened.put(ReaderId.random(entropy), "reader " + i);
    }
    List<Reader> held = new ArrayList<>();
    Set<ReaderId> closed = new LinkedHashSet<>();
    for (ReaderId id : state.readers().keySet()) {
      switch (random.nextInt(4)) {
        case 0 -> closed.add(id);
        case 1 -> {}
        default -> held.add(new Reader(id, time(state), random.nextLong(state.seqno() + 1)));
      }
    }
    held.add(new Reader(ReaderId.random(entropy), time(state), 0));
    return new UpdateReaders(opened, held, closed, random.nextInt(1, 100));
  }

  private Antichain time(ShardState state) {
    return state.upper().isEmpty() || random.nextInt(50) == 0
        ? Antichain.empty()
        : Antichain.of(random.nextLong(state.upper().time() + 2));
  }

  private Command<?> downgrade(ShardState state) {
    List<String> names = List.copyOf(state.sinces().keySet());
    if (names.isEmpty()) {
      return new RegisterSince("since 0", 0);
    }
    String name = names.get(random.nextInt(names.size()));
    SinceState wanted = new SinceState(time(state), random.nextInt(3));
    return new CompareAndDowngradeSince(name, random.nextInt(3), wanted);
  }

  private Command<?> merge(ShardState state) {
    if (state.trace().size() == 0) {
      return new StartEpoch(writer, StartEpoch.Succession.OF_ANY);
    }
    List<MergeRequest> requests = new ArrayList<>(state.trace().requests());
    requests.addAll(state.trace().inline());
    if (requests.isEmpty() || random.nextInt(4) == 0) {
      return new Exert(random.nextLong(1, 200));
    }
    MergeRequest request = requests.get(random.nextInt(requests.size()));
    Batch all = Batch.concatenation(request.batches());
    List<Part> parts = all.updates() == 0 ? List.of() : List.of(merged(all, state));
    long since = all.since().time();
    Batch result = new Batch(all.description(), parts, new Batch.Compaction(since, parts.size()));
    return new MergeBatches(writer, request, result);
  }

  private Part merged(Batch all, ShardState state) {
    String key = PartTarget.prefix(id, writer) + "p" + entropy.nextId();
    long updates = random.nextLong(1, all.updates() + 1);
    return new Part.Hollow(
        key, 7, random.nextInt(), updates, all.description(), null, schemaId(state));
  }

  private Command<?> append(ShardState state) {
    Antichain lower = random.nextInt(20) == 0 ? Antichain.of(random.nextInt(50)) : state.upper();
    Append append = append(lower, state);
    lastToken = random.nextInt(10) == 0 ? lastToken : "i" + entropy.nextId();
    Bounds bounds = new Bounds().inlineTotalBytes(50_000).mergeInlineBytes(50_000);
    return new CompareAndAppend(
        writer, lastToken, append, bounds.producerRetentionMillis(30).build());
  }

  private Append append(Antichain lower, ShardState state) {
    if (lower.isEmpty()) {
      return new Append(lower, lower, List.of(), Map.of(), Map.of());
    }
    Antichain upper =
        switch (random.nextInt(100)) {
          case 0 -> Antichain.empty();
          case 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 -> lower;
          default -> Antichain.of(lower.time() + random.nextInt(1, 100));
        };
    BatchDescription range = new BatchDescription(lower, upper);
    List<Part> parts = new ArrayList<>();
    for (int i = range.isEmpty() ? 0 : random.nextInt(4); i > 0; i--) {
      parts.add(random.nextBoolean() ? hollow(range, state) : inline(range, state));
    }
    Map<String, String> offsets = new TreeMap<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      offsets.put("" + random.nextInt(4), "{\"lsn\":" + random.nextInt() + "}");
    }
    return new Append(lower, upper, parts, advances(state), offsets);
  }

  private Map<String, Advance> advances(ShardState state) {
    Map<String, Advance> advances = new TreeMap<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      String producer = PRODUCERS[random.nextInt(PRODUCERS.length)];
      long first =
          state.positions().getOrDefault(producer, Position.NONE).sequence()
              + (random.nextInt(20) == 0 ? 2 : 1);
      advances.put(
          producer, new Advance(first, first + random.nextInt(5), 9, random.nextInt(1000), "x"));
    }
    return advances;
  }

  /** Epochs may write under a schema that is not the newest any more. */
  private int schemaId(ShardState state) {
    return random.nextInt(state.schemas().newest().id() + 1);
  }

  private Part hollow(BatchDescription range, ShardState state) {
    String key = PartTarget.prefix(id, writer) + "p" + entropy.nextId();
    boolean rewritten = !range.upper().isEmpty() && random.nextInt(3) == 0;
    Long rewrite = rewritten ? Long.valueOf(range.lower().time()) : null;
    return new Part.Hollow(
        key,
        random.nextInt(1, 1 << 20),
        random.nextInt(),
        random.nextInt(1, 99),
        range,
        rewrite,
        schemaId(state));
  }

  private Part inline(BatchDescription range, ShardState state) {
    long lower = range.lower().time();
    int id = schemaId(state);
    UpdateBlock block =
        blocks.block(state.schemas().of(id), random.nextInt(1, 5), lower, lower + 1);
    return new Part.Inline(BlockCodec.encode(block), block.size(), range, null, id);
  }
}
