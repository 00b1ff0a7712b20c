package io.tidemark.launcher.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What a shard is made of, as lines of a terminal. */
final class ShardPicture {

  /** What this shows of an inspection, beside the plain members. */
  static final List<String> MEMBERS =
      List.of("coordinator", "writers", "readers", "criticalSinces", "history", "levels");

  private final JsonObject shard;
  private final List<String> lines = new ArrayList<>();

  private ShardPicture(JsonObject shard) {
    this.shard = shard;
  }

  /** The lines. */
  static List<String> lines(JsonObject shard) {
    ShardPicture picture = new ShardPicture(shard);
    picture.spine();
    picture.history();
    picture.writers();
    picture.readers();
    return picture.lines;
  }

  /** Oldest first. A bar is one longer for each doubling of the updates. */
  private void spine() {
    List<List<String>> rows = new ArrayList<>();
    for (JsonObject level : objects(shard.getJsonArray("levels"))) {
      for (JsonObject group : objects(level.getJsonArray("groups"))) {
        rows.add(group("L" + level.getInteger("level"), group));
      }
      Long left = level.getLong("mergeRemaining");
      if (left != null) {
        rows.add(List.of("", "└ being merged", "", "", left + " left", "", ""));
      }
    }
    table(List.of("level", "times", "batches", "parts", "updates", "bytes", ""), rows);
  }

  private static List<String> group(String level, JsonObject group) {
    List<JsonObject> batches = objects(group.getJsonArray("batches"));
    long updates = sum(batches, "updates");
    long bytes = sum(batches, "partBytes") + sum(batches, "inlineBytes");
    return List.of(
        level,
        "[" + time(group, "lower") + ", " + time(group, "upper") + ")",
        String.valueOf(batches.size()),
        String.valueOf(sum(batches, "parts")),
        String.valueOf(updates),
        Sizes.shown(bytes),
        "#".repeat(Long.SIZE - Long.numberOfLeadingZeros(updates)));
  }

  private static long sum(List<JsonObject> objects, String member) {
    return objects.stream().mapToLong(object -> object.getLong(member)).sum();
  }

  private void history() {
    JsonObject history = shard.getJsonObject("history");
    List<JsonObject> rollups = objects(history.getJsonArray("rollups"));
    heading("history");
    lines.add(
        "versions "
            + history.getLong("earliestSeqno")
            + " to "
            + shard.getLong("seqno")
            + "; held from "
            + history.getLong("seqnoSince")
            + " on");
    lines.add(
        "rollups  "
            + joined(
                rollups,
                each -> each.getLong("seqno") + " (" + Sizes.shown(each.getLong("bytes")) + ")"));
  }

  private void writers() {
    JsonObject coordinator = shard.getJsonObject("coordinator");
    heading("writers");
    lines.add(
        coordinator == null
            ? "nobody said who began the epoch"
            : "epoch begun by node "
                + coordinator.getString("node")
                + " of cluster "
                + coordinator.getString("cluster"));
    for (JsonObject writer : objects(shard.getJsonArray("writers"))) {
      lines.add(
          writer.getString("id")
              + "  epoch "
              + writer.getLong("epoch")
              + ", appended up to "
              + time(writer, "upper"));
    }
  }

  private void readers() {
    List<List<String>> rows = new ArrayList<>();
    for (JsonObject reader : objects(shard.getJsonArray("readers"))) {
      rows.add(
          List.of(
              reader.getString("purpose"),
              time(reader, "since"),
              String.valueOf(reader.getLong("seqno")),
              Instant.ofEpochMilli(reader.getLong("expiresMillis")).toString()));
    }
    for (Map.Entry<String, Object> critical : shard.getJsonObject("criticalSinces")) {
      Object since = critical.getValue() == null ? "end" : critical.getValue();
      rows.add(List.of("critical: " + critical.getKey(), String.valueOf(since), "-", "never"));
    }
    if (!rows.isEmpty()) {
      table(List.of("reader", "holds times from", "versions from", "until"), rows);
    }
  }

  private void heading(String text) {
    lines.add("");
    lines.add(text);
    lines.add("-".repeat(text.length()));
  }

  private void table(List<String> header, List<List<String>> rows) {
    lines.add("");
    TextTable.lines(header, rows).forEach(line -> lines.add(line.stripTrailing()));
  }

  private static String joined(List<JsonObject> objects, Function<JsonObject, String> text) {
    return String.join(", ", objects.stream().map(text).toList());
  }

  private static String time(JsonObject object, String member) {
    Long time = object.getLong(member);
    return time == null ? "end" : String.valueOf(time);
  }

  private static List<JsonObject> objects(JsonArray array) {
    return array.stream().map(JsonObject.class::cast).toList();
  }
}
