package io.tidemark.persist.consolidate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.persist.consolidate.Step.Piece;
import io.tidemark.row.Update;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A step is the same wherever it is read, in whichever pieces it was stored. */
class StepTest {

  private static final long SMALL_BYTES = 2_000;
  private static final int TIMES = 5;

  @TempDir Path directory;
  private int steps;

  private Step step(long memoryBytes, RowOffset after) {
    Path spills = directory.resolve("spills-" + steps++);
    return new Step(
        Blocks.SCHEMA,
        SMALL_BYTES,
        new ConsolidatorOptions(memoryBytes, spills, 300, 10_000),
        after);
  }

  private static List<UpdateBlock> blocks(SplittableRandom random, int rows) {
    List<UpdateBlock> blocks = new ArrayList<>();
    UpdateBlockBuilder block = new UpdateBlockBuilder(Blocks.SCHEMA);
    for (int i = 0; i < rows; i++) {
      long time = 10L + random.nextInt(TIMES);
      if (random.nextInt(20) == 0) {
        block.error("error " + random.nextInt(40), time, 1);
      } else {
        block.int64(0, random.nextInt(rows / 2)).string(1, "x".repeat(random.nextInt(30)));
        block.row(time, random.nextInt(3) == 0 ? -1 : 1);
      }
      if (random.nextInt(200) == 0) {
        blocks.add(block.build());
        block = new UpdateBlockBuilder(Blocks.SCHEMA);
      }
    }
    blocks.add(block.build());
    return blocks;
  }

  /** The same updates, split otherwise and in another order, some of them with company. */
  private static List<UpdateBlock> compacted(List<UpdateBlock> blocks, long seed) {
    List<UpdateBlock> all = new ArrayList<>();
    for (UpdateBlock block : blocks) {
      for (int i = 0; i < block.size(); i++) {
        int kept = i;
        all.add(block.select(each -> each == kept));
      }
    }
    UpdateBlock extra = Blocks.rows(java.util.stream.IntStream.of(-7), 1).at(11);
    all.add(extra);
    all.add(Blocks.withDiffs(extra, diff -> -diff));
    Collections.shuffle(all, new Random(seed));
    return all;
  }

  private static List<Piece> pieces(Step step, List<UpdateBlock> blocks) {
    blocks.forEach(step::add);
    List<Piece> pieces = new ArrayList<>();
    for (Piece piece = step.next(); piece != null; piece = step.next()) {
      pieces.add(piece);
    }
    step.close();
    return pieces;
  }

  private static List<Update> updates(List<Piece> pieces) {
    List<Update> updates = new ArrayList<>();
    pieces.forEach(piece -> updates.addAll(Update.listOf(piece.updates())));
    return updates;
  }

  private static Map<Object, Long> sums(List<Update> updates) {
    Map<Object, Long> sums = new HashMap<>();
    for (Update update : updates) {
      List<Object> key = new ArrayList<>(update.row());
      key.add(update.error());
      key.add(update.time());
      sums.merge(key, update.diff(), Long::sum);
    }
    sums.values().removeIf(sum -> sum == 0);
    return sums;
  }

  @Test
  void shouldGoOnFromAnyPieceOfAnotherReading() {
    Seeds.forEach(
        5,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          List<UpdateBlock> blocks = blocks(random, 20_000);
          List<Piece> first = pieces(step(8 << 20, null), blocks);
          List<Update> expected = updates(first);
          List<Update> raw = new ArrayList<>();
          blocks.forEach(block -> raw.addAll(Update.listOf(block)));
          assertEquals(sums(raw), sums(expected));
          assertEquals(sums(expected).size(), expected.size(), "each row once at each time");
          List<UpdateBlock> others = compacted(blocks, seed);
          int at = random.nextInt(first.size());
          List<Piece> both = new ArrayList<>(first.subList(0, at + 1));
          // Little memory: this one spills.
          both.addAll(
              pieces(step(ConsolidatorOptions.MIN_MEMORY_BYTES, first.get(at).offset()), others));
          assertEquals(expected, updates(both));
        });
  }

  @Test
  void shouldGiveTheSameOrderThroughFilesAtAnyFanOut() throws Exception {
    List<UpdateBlock> blocks = blocks(new SplittableRandom(7), 40_000);
    List<Update> expected = ordered(blocks, 32 << 20, 32, new RowHash.Multiplied());
    for (int fanOut = 2; fanOut <= 32; fanOut *= 4) {
      assertEquals(
          expected,
          ordered(blocks, ConsolidatorOptions.MIN_MEMORY_BYTES, fanOut, new RowHash.Multiplied()));
    }
    // Most rows share their hash with others: then their bytes decide.
    RowHash poor =
        (data, from, to, level) ->
            new RowHash.Multiplied().hash(data, from, to, level) & 0xff000000_000000ffL;
    assertEquals(
        ordered(blocks, 32 << 20, 32, poor),
        ordered(blocks, ConsolidatorOptions.MIN_MEMORY_BYTES, 4, poor));
    assertEquals(sums(expected), sums(ordered(blocks, 32 << 20, 32, poor)));
  }

  private List<Update> ordered(List<UpdateBlock> blocks, long memoryBytes, int fanOut, RowHash hash)
      throws Exception {
    Path spills = directory.resolve("ordered-" + steps++);
    ConsolidatorOptions options = new ConsolidatorOptions(memoryBytes, spills, 1000, 1 << 20);
    Tuning tuning = new Tuning(hash, fanOut, 30, FileChannel::open);
    try (Consolidator consolidator =
        new Consolidator(Blocks.SCHEMA, 99, options, tuning, RowOffset.START)) {
      blocks.forEach(consolidator::add);
      List<Update> updates = Blocks.drain(consolidator);
      assertEquals(memoryBytes < 1 << 20, consolidator.spilled().depth() > 0);
      return updates;
    } finally {
      assertFalse(Files.exists(spills));
    }
  }

  @Test
  void shouldGiveWhatIsSmallAsItCame() {
    Step step = step(1 << 20, null);
    assertTrue(step.isEmpty());
    UpdateBlock one = Blocks.rows(java.util.stream.IntStream.range(0, 3), 1);
    UpdateBlock other = Blocks.rows(java.util.stream.IntStream.range(2, 5), -1);
    assertTrue(step.isSmallWith(one));
    step.add(one);
    step.add(other);
    assertTrue(step.isSmall());
    Piece piece = step.next();
    assertNotNull(piece);
    assertNull(piece.offset());
    assertEquals(6, piece.updates().size());
    assertNull(step.next());
    step.close();
  }

  @Test
  void shouldBoundWhatItHoldsAsItCame() {
    Step step = step(1 << 20, null);
    long held = 0;
    UpdateBlock block = Blocks.rows(java.util.stream.IntStream.range(0, 10), 1);
    while (step.isSmallWith(block)) {
      step.add(block);
      held += block.bytes();
    }
    assertTrue(held <= SMALL_BYTES);
    step.add(block);
    assertFalse(step.isSmall());
    assertEquals(10, updates(pieces(step, List.of())).size());
  }
}
