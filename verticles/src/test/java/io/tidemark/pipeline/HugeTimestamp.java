package io.tidemark.pipeline;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.GcInfo;
import io.tidemark.client.SourcePartition;
import io.tidemark.location.ChildJvm;
import io.tidemark.persist.ShardSummary;
import io.tidemark.progress.Antichain;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/**
 * A process that puts very many updates at one single time into a collection in source mode,
 * through a node of its own, and reads them back. It writes lines: what it has done so far, and at
 * the end {@code updates}, {@code sum}, {@code rows} and its peaks of memory.
 */
final class HugeTimestamp {

  private static final int BLOCK_ROWS = 8_192;
  private static final long TIME = 7;
  private static final long SNAPSHOT_BYTES = 48 << 20;
  private static final long REPORT_ROWS = 2_000_000;

  private final TestNode node;
  private final long rows;
  private final Promise<Void> sent = Promise.promise();
  private SourcePartition partition;
  private long next;

  private HugeTimestamp(TestNode node, long rows) {
    this.node = node;
    this.rows = rows;
  }

  /**
   * @param arguments the directory, and how many updates
   */
  public static void main(String[] arguments) throws IOException {
    ChildJvm.endWithInput();
    try {
      run(arguments);
    } catch (Throwable e) {
      say("failed: " + e + ", caused by " + e.getCause());
      Runtime.getRuntime().halt(1);
    }
  }

  private static void run(String[] arguments) throws IOException {
    AtomicLong beforeGc = new AtomicLong();
    AtomicLong afterGc = new AtomicLong();
    watch(beforeGc, afterGc);
    Path directory = Path.of(arguments[0]);
    try (TestNode node =
        TestNode.start(directory, NodeOptions.DEFAULTS.withBudgetBytes(32 << 20))) {
      HugeTimestamp run = new HugeTimestamp(node, Long.parseLong(arguments[1]));
      run.write();
      run.read(directory);
    }
    say("peak heap before a collection " + (beforeGc.get() >> 20) + " MiB");
    say("peak heap after a collection " + (afterGc.get() >> 20) + " MiB");
    for (String line : Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.UTF_8)) {
      if (line.startsWith("VmHWM")) {
        say("peak resident " + line);
      }
    }
    say("end");
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** Notes the most that was in the heap before and after any garbage collection. */
  private static void watch(AtomicLong before, AtomicLong after) {
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      ((NotificationEmitter) collector)
          .addNotificationListener(
              (notification, handback) -> {
                CompositeData data = (CompositeData) notification.getUserData();
                GcInfo info = GarbageCollectionNotificationInfo.from(data).getGcInfo();
                long unused =
                    before.accumulateAndGet(heap(info.getMemoryUsageBeforeGc()), Math::max);
                unused = after.accumulateAndGet(heap(info.getMemoryUsageAfterGc()), Math::max);
              },
              notification ->
                  notification
                      .getType()
                      .equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION),
              null);
    }
  }

  private static long heap(Map<String, MemoryUsage> pools) {
    long used = 0;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      MemoryUsage usage = pools.get(pool.getName());
      used += pool.getType() == MemoryType.HEAP && usage != null ? usage.getUsed() : 0;
    }
    return used;
  }

  private void write() {
    node.admin(
        "create",
        new JsonObject()
            .put("name", "meters")
            .put("mode", "source")
            .put(
                "columns",
                new JsonArray()
                    .add(new JsonObject().put("name", "id").put("type", "int64"))
                    .add(new JsonObject().put("name", "note").put("type", "string"))));
    long sinceNanos = System.nanoTime();
    partition = node.claim("meters", 0);
    node.onPatiently(
        () -> {
          send();
          return sent.future();
        });
    node.onPatiently(() -> partition.advance(Antichain.of(TIME + 1), null));
    say("wrote in " + (System.nanoTime() - sinceNanos) / 1_000_000 + " ms");
  }

  /** Sends until all is sent, as fast as the credit allows. */
  private void send() {
    while (next < rows && !sent.future().isComplete()) {
      if (partition.isFull()) {
        partition.onDrain(this::send);
        return;
      }
      Future<?> taken = partition.send(block());
      taken.onFailure(sent::tryFail);
      if (next % REPORT_ROWS < BLOCK_ROWS) {
        say("sent " + next);
      }
    }
    sent.tryComplete();
  }

  private UpdateBlock block() {
    UpdateBlockBuilder block = new UpdateBlockBuilder(partition.schema(), BLOCK_ROWS);
    for (int i = 0; i < BLOCK_ROWS && next < rows; i++) {
      block.int64(0, next).string(1, note(next));
      block.row(TIME, 1);
      next++;
    }
    return block.build();
  }

  /** Some 50 bytes that do not compress well. */
  private static String note(long id) {
    long bits = id * 0x9E3779B97F4A7C15L;
    return "the meter says " + Long.toHexString(bits) + " and " + Long.toHexString(bits * bits);
  }

  private void read(Path directory) {
    Contents contents = new Contents(node, directory.resolve("spill"));
    ShardSummary summary = contents.shard("meters").summary();
    say("updates " + summary.updates());
    say("parts " + summary.parts() + " of " + (summary.hollowBytes() >> 20) + " MiB");
    long sinceNanos = System.nanoTime();
    long[] sums = new long[2];
    contents.forEach(
        "meters",
        OptionalLong.of(TIME),
        SNAPSHOT_BYTES,
        block -> {
          for (int i = 0; i < block.size(); i++) {
            sums[0] += block.diffs().get(i);
            sums[1] += (Long) block.value(0, i);
          }
          if (sums[0] % REPORT_ROWS < block.size()) {
            say("read " + sums[0]);
          }
        });
    say("rows " + sums[0]);
    say("sum " + sums[1]);
    say("read in " + (System.nanoTime() - sinceNanos) / 1_000_000 + " ms");
  }
}
