package io.tidemark.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.environment.Environment;
import io.tidemark.location.RealEnvironment;
import io.tidemark.location.memory.MemoryBlob;
import io.tidemark.persist.Batch;
import io.tidemark.persist.BatchBuilder;
import io.tidemark.persist.Part;
import io.tidemark.persist.PartTarget;
import io.tidemark.persist.PersistOptions;
import io.tidemark.persist.ShardContents;
import io.tidemark.persist.ShardId;
import io.tidemark.persist.VersionedSchema;
import io.tidemark.persist.WriterId;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.vertx.core.Future;
import org.junit.jupiter.api.Test;

/** What the parts of an epoch's first batch say of themselves. */
class PartBoundsTest {

  private static PersistOptions everythingIntoParts() {
    PersistOptions d = PersistOptions.DEFAULTS;
    return new PersistOptions(
        1,
        d.inlineAppendBytes(),
        d.inlineTotalBytes(),
        d.mergeInlineBytes(),
        d.mergeInlineBatches(),
        1,
        200,
        d.uploads(),
        d.rollupVersions(),
        d.rollupMaxVersions(),
        d.producerRetentionMillis(),
        d.retry());
  }

  @Test
  void shouldBeBoundedByTheEpochsUpperNotByTimeZero() {
    Environment environment =
        new Environment(
            RealEnvironment.CLOCK,
            (millis, task) -> () -> {},
            RealEnvironment.seeded(1),
            ShardContents.immediately());
    PartTarget target =
        new PartTarget(
            new MemoryBlob(),
            ShardId.random(environment.entropy()),
            WriterId.random(environment.entropy()),
            VersionedSchema.first(Epochs.SCHEMA),
            environment,
            everythingIntoParts());
    long[] released = {0};
    BatchBuilder builder =
        new BatchBuilder(
            target, Antichain.of(50), BatchBuilder.Times.GIVEN, bytes -> released[0] += bytes);
    long bytes = 0;
    for (long time = 60; time < 200; time++) {
      bytes += Epochs.at(time).bytes();
      Future<Void> unused = builder.add(Epochs.at(time));
    }
    BatchDescription first = new BatchDescription(Antichain.of(50), Antichain.of(100));
    Batch batch = builder.cut(first).result();
    assertTrue(batch.parts().size() > 1);
    for (Part part : batch.parts()) {
      assertTrue(Antichain.of(60).lessEqual(part.bounds().lower()), "" + part.bounds());
      assertTrue(part.bounds().upper().lessEqual(Antichain.of(100)), "" + part.bounds());
    }
    assertEquals(bytes, released[0], "memory is given back, once");
  }
}
