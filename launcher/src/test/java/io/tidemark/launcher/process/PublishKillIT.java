package io.tidemark.launcher.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.persist.ShardContents;
import io.tidemark.persist.ShardId;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows get there exactly once, whichever process dies in the middle of publishing, and when. */
class PublishKillIT {

  private static final int KILLS = 24;

  /** Of so many kills one is of the process that publishes. */
  private static final int PUBLISHER_KILLED_EVERY = 4;

  private static final int MAX_DELAY_MILLIS = 400;
  private static final String COLLECTION = "rows";

  @TempDir private Path folder;

  private int nodeKills;
  private int publisherKills;

  @Test
  void shouldPublishExactlyOnceThroughKills() {
    Seeds.forEach(1, seed -> run(new SplittableRandom(seed)));
  }

  private void run(SplittableRandom random) {
    try (NodeProcess node = new NodeProcess(folder)) {
      node.start();
      node.awaitReady();
      assertNotNull(node.run("create", COLLECTION, "--column=id:int64", "--column=text:string"));
      long sent = publishThroughKills(node, random);
      ShardId shard = new ShardId(described(node).getString("shard"));
      long[] seen = snapshot(node, sent);
      assertEquals(143, node.terminate());
      assertOnce("the snapshot", seen, sent);
      ShardContents contents = StoredShard.read(node.data(), shard);
      assertOnce("the shard", updates(contents, sent), sent);
      assertEquals(sent, contents.position("p").updates());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static JsonObject described(NodeProcess node) {
    return new JsonObject(node.run("inspect", COLLECTION, "--json"));
  }

  private long publishThroughKills(NodeProcess node, SplittableRandom random)
      throws IOException, InterruptedException {
    JarProcess publisher = publisher(node);
    EndlessRows rows = new EndlessRows(publisher.in(), 0);
    try {
      for (int kill = 1; kill <= KILLS; kill++) {
        // In the middle: some rows of this round are there, and more are under way.
        JsonObject described = node.awaitUpdates(COLLECTION, 0);
        assertTrue(
            node.awaitUpdates(COLLECTION, described.getLong("updates")).containsKey("upper"));
        NodeProcess.pause(random.nextInt(MAX_DELAY_MILLIS));
        if (kill % PUBLISHER_KILLED_EVERY == 0) {
          publisher.kill();
          publisherKills++;
          long known = rows.written();
          rows.close();
          publisher = publisher(node);
          rows = new EndlessRows(publisher.in(), known);
        } else {
          node.kill();
          nodeKills++;
          node.start();
        }
      }
      long sent = rows.end();
      assertEquals(0, publisher.exitCode(), publisher.err());
      return sent;
    } finally {
      rows.close();
      publisher.close();
    }
  }

  private JarProcess publisher(NodeProcess node) throws IOException {
    return JarProcess.start(
        folder,
        List.of("-Xmx64m"),
        List.of("publish", COLLECTION, "--producer=p", "--url=" + node.url()));
  }

  /** How often a snapshot has each row, and with it what is no row that was sent. */
  private long[] snapshot(NodeProcess node, long sent) throws IOException, InterruptedException {
    long[] seen = new long[(int) sent];
    try (JarProcess reading =
        JarProcess.start(
            folder, List.of("-Xmx64m"), List.of("snapshot", COLLECTION, "--url=" + node.url()))) {
      assertEquals(0, reading.exitCode(), reading.err());
      reading
          .out()
          .lines()
          .map(JsonObject::new)
          .forEach(
              row -> {
                assertEquals(text(row.getLong("id")), row.getString("text"));
                seen[row.getInteger("id")] += row.getLong("_diff");
              });
    }
    return seen;
  }

  private static String text(long id) {
    return new JsonObject(EndlessRows.row(id)).getString("text");
  }

  private static long[] updates(ShardContents contents, long sent) {
    long[] seen = new long[(int) sent];
    for (UpdateBlock block : contents.blocks()) {
      for (int i = 0; i < block.size(); i++) {
        long id = (Long) block.value(0, i);
        assertEquals(text(id), block.value(1, i));
        seen[(int) id] += block.diffs().get(i);
      }
    }
    return seen;
  }

  private void assertOnce(String where, long[] seen, long sent) {
    long duplicates = 0;
    long missing = 0;
    for (long count : seen) {
      duplicates += Math.max(0, count - 1);
      missing += Math.max(0, 1 - count);
    }
    System.out.printf(
        "kill -9: %d (%d of the node, %d of publish); %s: %,d rows, %d duplicates, %d missing%n",
        nodeKills + publisherKills, nodeKills, publisherKills, where, sent, duplicates, missing);
    assertEquals(0, duplicates);
    assertEquals(0, missing);
  }
}
