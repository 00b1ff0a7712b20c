package io.tidemark.persist;

import io.tidemark.environment.Entropy;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.row.BlockCodec;
import io.tidemark.row.RandomBlocks;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    return switch (random.nextInt(12)) {
      case 0 -> {
        writer = random.nextInt(3) == 0 ? writer : WriterId.random(entropy);
        Coordinator by =
            random.nextBoolean() ? null : new Coordinator("n", "c" + random.nextInt(2));
        yield new StartEpoch(writer, by, StartEpoch.ANY);
      }
      case 1 -> new AddRollup(new Rollup(random.nextLong(state.seqno() + 2), id + "/r", 7, 8));
      case 2, 3 -> merge(state);
      default -> append(state);
    };
  }

  private Command<?> merge(ShardState state) {
    int count = state.trace().size();
    if (count == 0) {
      return new StartEpoch(writer, null, StartEpoch.ANY);
    }
    int from = random.nextInt(count);
    List<Batch> replaced = state.trace().from(from);
    replaced = replaced.subList(0, random.nextInt(1, replaced.size() + 1));
    Batch all = Batch.concatenation(replaced);
    List<Part> parts = all.updates() == 0 ? List.of() : List.of(hollow(all.description()));
    return new MergeBatches(writer, replaced, new Batch(all.description(), parts));
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
        switch (random.nextInt(40)) {
          case 0 -> Antichain.empty();
          case 1, 2, 3, 4 -> lower;
          default -> Antichain.of(lower.time() + random.nextInt(1, 100));
        };
    BatchDescription range = new BatchDescription(lower, upper);
    List<Part> parts = new ArrayList<>();
    for (int i = range.isEmpty() ? 0 : random.nextInt(4); i > 0; i--) {
      parts.add(random.nextBoolean() ? hollow(range) : inline(range));
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

  private Part hollow(BatchDescription range) {
    String key = PartTarget.prefix(id, writer) + "p" + entropy.nextId();
    boolean rewritten = !range.upper().isEmpty() && random.nextInt(3) == 0;
    Long rewrite = rewritten ? Long.valueOf(range.lower().time()) : null;
    return new Part.Hollow(
        key, random.nextInt(1, 1 << 20), random.nextInt(), random.nextInt(1, 99), range, rewrite);
  }

  private Part inline(BatchDescription range) {
    long lower = range.lower().time();
    UpdateBlock block = blocks.block(schema, random.nextInt(1, 5), lower, lower + 1);
    return new Part.Inline(BlockCodec.encode(block), block.size(), range, null);
  }
}
