package io.tidemark.admin;

import io.tidemark.persist.Coordinator;
import io.tidemark.persist.ShardAnatomy;
import io.tidemark.persist.ShardSummary;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a shard is made of, as JSON. */
final class Inspection {

  private Inspection() {}

  /** The members that it has besides those of a description. */
  static JsonObject json(ShardAnatomy shard) {
    ShardSummary summary = shard.summary();
    JsonObject sinces = new JsonObject();
    summary.criticalSinces().forEach((name, since) -> sinces.put(name, time(since)));
    return new JsonObject()
        .put("coordinator", coordinator(shard.coordinator()))
        .put("writers", array(shard.writers(), Inspection::writer))
        .put("readers", array(summary.readers(), Inspection::reader))
        .put("criticalSinces", sinces)
        .put("history", history(shard))
        .put("levels", array(shard.levels(), Inspection::level));
  }

  private static <T> JsonArray array(List<T> values, Function<T, JsonObject> json) {
    JsonArray array = new JsonArray();
    values.forEach(value -> array.add(json.apply(value)));
    return array;
  }

  private static @Nullable JsonObject coordinator(@Nullable Coordinator coordinator) {
    return coordinator == null
        ? null
        : new JsonObject().put("node", coordinator.node()).put("cluster", coordinator.cluster());
  }

  private static JsonObject writer(ShardAnatomy.Writer writer) {
    return new JsonObject()
        .put("id", writer.id())
        .put("epoch", writer.epoch())
        .put("upper", time(writer.upper()));
  }

  private static JsonObject reader(ShardSummary.Reader reader) {
    return new JsonObject()
        .put("id", reader.id())
        .put("purpose", reader.purpose())
        .put("since", time(reader.since()))
        .put("seqno", reader.seqno())
        .put("expiresMillis", reader.expiresMillis());
  }

  private static JsonObject history(ShardAnatomy shard) {
    return new JsonObject()
        .put("earliestSeqno", shard.earliestSeqno())
        .put("seqnoSince", shard.summary().seqnoSince())
        .put(
            "rollups",
            array(
                shard.rollups(),
                rollup ->
                    new JsonObject().put("seqno", rollup.seqno()).put("bytes", rollup.bytes())));
  }

  private static JsonObject level(ShardAnatomy.Level level) {
    return new JsonObject()
        .put("level", level.number())
        .put("mergeRemaining", level.mergeRemaining())
        .put("groups", array(level.groups(), Inspection::group));
  }

  private static JsonObject group(ShardAnatomy.Group group) {
    return range(group.range())
        .put("since", time(group.since()))
        .put("batches", array(group.batches(), Inspection::batch));
  }

  private static JsonObject batch(ShardAnatomy.Stored batch) {
    return range(batch.range())
        .put("parts", batch.parts())
        .put("runs", batch.runs())
        .put("updates", batch.updates())
        .put("partBytes", batch.bytes())
        .put("inlineBytes", batch.inlineBytes());
  }

  private static JsonObject range(BatchDescription range) {
    return new JsonObject().put("lower", time(range.lower())).put("upper", time(range.upper()));
  }

  private static @Nullable Long time(Antichain frontier) {
    return frontier.isEmpty() ? null : Long.valueOf(frontier.time());
  }
}
