package io.tidemark.persist.consolidate;

import static io.tidemark.persist.consolidate.Blocks.SCHEMA;
import static io.tidemark.persist.consolidate.Blocks.TIME;
import static io.tidemark.persist.consolidate.Blocks.drain;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.row.RandomBlocks;
import io.tidemark.row.Schema;
import io.tidemark.row.Update;
import io.tidemark.row.UpdateBlock;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Consolidation of what does not fit in memory: the same result, through files. */
class SpillTest {

  private static final long MEMORY_BYTES = ConsolidatorOptions.MIN_MEMORY_BYTES;

  @TempDir Path directory;

  private Consolidator consolidator(Schema schema, Tuning tuning) {
    return new Consolidator(schema, TIME, options(), tuning);
  }

  private ConsolidatorOptions options() {
    return new ConsolidatorOptions(MEMORY_BYTES, spills(), 1000, 1 << 20);
  }

  private Path spills() {
    return directory.resolve("spills");
  }

  private static Tuning tuning(RowHash hash, int fanOut, int maxDepth) {
    return new Tuning(hash, fanOut, maxDepth, FileChannel::open);
  }

  private static Tuning tuning(int fanOut) {
    return tuning(new RowHash.Multiplied(), fanOut, 12);
  }

  @Test
  void shouldAgreeWithTheModelAtAnyFanOut() {
    Set<Integer> depths = new HashSet<>();
    Seeds.forEach(10, seed -> depths.add(agree(seed)));
    assertTrue(Seeds.replayed() != null || depths.size() > 2, "depths: " + depths);
  }

  private int agree(long seed) {
    RandomBlocks random = new RandomBlocks(seed);
    SplittableRandom choice = random.random();
    Schema schema = choice.nextInt(4) == 0 ? RandomBlocks.everyType() : random.schema();
    List<UpdateBlock> blocks = randomBlocks(random, schema);
    Model model = new Model();
    blocks.forEach(model::add);
    Tuning tuning = tuning(1 << choice.nextInt(1, 6));
    Schema salted = blocks.get(0).schema();
    Result result = consolidated(salted, blocks, tuning);
    List<Update> expected = model.updates(TIME);
    assertEquals(expected.size(), result.updates().size());
    assertEquals(Set.copyOf(expected), Set.copyOf(result.updates()));
    assertEquals(result, consolidated(salted, blocks, tuning), "the same order for the same input");
    return result.spilled().depth();
  }

  private record Result(List<Update> updates, Spilled spilled) {}

  private Result consolidated(Schema schema, List<UpdateBlock> blocks, Tuning tuning) {
    Result result;
    try (Consolidator consolidator = consolidator(schema, tuning)) {
      blocks.forEach(consolidator::add);
      result = new Result(drain(consolidator), consolidator.spilled());
      assertTrue(consolidator.peakMemoryBytes() <= MEMORY_BYTES);
    }
    assertFalse(Files.exists(spills()));
    return result;
  }

  /** A few random blocks, each many times over with another salt, and some of it taken back. */
  private static List<UpdateBlock> randomBlocks(RandomBlocks random, Schema schema) {
    SplittableRandom choice = random.random();
    List<UpdateBlock> blocks = new ArrayList<>();
    long bytes = 0;
    long enough = MEMORY_BYTES * choice.nextInt(1, 12);
    while (bytes < enough) {
      UpdateBlock block = random.block(schema, choice.nextInt(1, 500));
      int salts = choice.nextInt(1, 10);
      for (int s = 0; s < salts; s++) {
        UpdateBlock salted = Blocks.salted(block, choice.nextInt(20));
        blocks.add(Blocks.withDiffs(salted, diff -> diff % 5 + 7));
        bytes += salted.bytes();
      }
      UpdateBlock again = blocks.get(choice.nextInt(blocks.size()));
      blocks.add(Blocks.withDiffs(again, diff -> choice.nextInt(9) == 0 ? diff : -diff));
    }
    return blocks;
  }

  @Test
  void shouldDividePartitionsThatDoNotFit() {
    int rows = 40_000;
    try (Consolidator consolidator = consolidator(SCHEMA, tuning(2))) {
      for (int from = 0; from < rows; from += 1000) {
        consolidator.add(Blocks.rows(IntStream.range(from, from + 1000), 1));
        consolidator.add(Blocks.rows(IntStream.range(from, from + 500), -1));
      }
      Set<Object> left =
          drain(consolidator).stream().map(u -> u.row().get(0)).collect(Collectors.toSet());
      assertEquals(rows / 2, left.size());
      assertTrue(left.contains(999L) && !left.contains(0L));
      assertTrue(consolidator.spilled().depth() >= 3, consolidator.spilled().toString());
      assertTrue(consolidator.spilled().files() >= 14, consolidator.spilled().toString());
      assertTrue(consolidator.spilled().bytes() > 3L * rows / 2 * 48);
      assertTrue(consolidator.peakMemoryBytes() <= MEMORY_BYTES);
    }
  }

  @Test
  void shouldSpillOneSumForARowThatRepeatsAMillionTimes() {
    try (Consolidator consolidator = consolidator(SCHEMA, Tuning.PRODUCTION)) {
      long[] ones = new long[10_000];
      Arrays.fill(ones, 1);
      for (int i = 0; i < 100; i++) {
        consolidator.add(Blocks.row(-1, ones));
        consolidator.add(Blocks.rows(IntStream.range(i * 100, i * 100 + 100), 1));
      }
      List<Update> updates = drain(consolidator);
      assertEquals(10_001, updates.size());
      assertTrue(
          updates.stream().anyMatch(u -> u.diff() == 1_000_000 && u.row().get(0).equals(-1L)));
      assertTrue(consolidator.spilled().bytes() > 0);
      assertTrue(consolidator.spilled().bytes() < 10_100 * 64, consolidator.spilled().toString());
    }
  }

  @Test
  void shouldSpillNothingThatHasCancelled() {
    try (Consolidator consolidator = consolidator(SCHEMA, Tuning.PRODUCTION)) {
      for (int from = 0; from < 40_000; from += 100) {
        consolidator.add(Blocks.rows(IntStream.range(from, from + 100), 1));
        consolidator.add(Blocks.rows(IntStream.range(from, from + 100), -1));
      }
      assertEquals(List.of(), drain(consolidator));
      assertTrue(consolidator.spilled().bytes() < 32 * 200 * 64, consolidator.spilled().toString());
    }
  }

  @Test
  void shouldKeepSumsExactAcrossFiles() {
    try (Consolidator consolidator = consolidator(SCHEMA, tuning(2))) {
      for (int from = 0; from < 20_000; from += 1000) {
        consolidator.add(Blocks.row(-1, Long.MIN_VALUE, Long.MIN_VALUE));
        consolidator.add(Blocks.rows(IntStream.range(from, from + 1000), 1));
      }
      for (int from = 0; from < 20_000; from += 1000) {
        consolidator.add(Blocks.row(-1, Long.MAX_VALUE, Long.MAX_VALUE));
        consolidator.add(Blocks.rows(IntStream.range(from, from + 1000), -1));
      }
      List<Update> updates = drain(consolidator);
      assertEquals(1, updates.size());
      assertEquals(-40, updates.get(0).diff());
    }
  }

  @Test
  void shouldKeepRowsOfEqualHashesApart() {
    for (RowHash hash :
        List.<RowHash>of((d, f, t, l) -> 0, (d, f, t, l) -> -1, (d, f, t, l) -> d[f] & 7)) {
      try (Consolidator consolidator = consolidator(SCHEMA, tuning(hash, 4, 3))) {
        consolidator.add(Blocks.rows(IntStream.range(0, 1000), 1));
        consolidator.add(Blocks.rows(IntStream.range(500, 1000), 1));
        List<Update> updates = drain(consolidator);
        assertEquals(1000, updates.size());
        assertEquals(500, updates.stream().filter(u -> u.diff() == 2).count());
      }
    }
  }

  @Test
  void shouldGiveUpOnEqualHashesThatNeverFit() {
    try (Consolidator consolidator = consolidator(SCHEMA, tuning((d, f, t, l) -> 12345, 4, 3))) {
      for (int from = 0; from < 6000; from += 1000) {
        consolidator.add(Blocks.rows(IntStream.range(from, from + 1000), 1));
      }
      MemoryTooSmallException e = assertThrows(MemoryTooSmallException.class, consolidator::next);
      assertTrue(e.getMessage().contains("divided 3 times"), e.getMessage());
      assertFalse(Files.exists(spills()));
    }
  }

  @Test
  void shouldHoldRowsOfAQuarterOfTheMemoryAndNoLarger() {
    int largest = (int) (MEMORY_BYTES / 4 - 64);
    try (Consolidator consolidator = consolidator(SCHEMA, Tuning.PRODUCTION)) {
      for (int id = 0; id < 20; id++) {
        consolidator.add(Blocks.largeRow(id, largest));
        consolidator.add(Blocks.rows(IntStream.range(100, 200), 1));
        consolidator.add(Blocks.largeRow(id, largest - 1));
      }
      List<Update> updates = drain(consolidator);
      assertEquals(140, updates.size());
      assertEquals(
          20, updates.stream().filter(u -> ((String) u.row().get(1)).length() == largest).count());
      assertTrue(consolidator.spilled().files() > 0);
      assertTrue(consolidator.peakMemoryBytes() <= MEMORY_BYTES);
    }
    try (Consolidator consolidator = consolidator(SCHEMA, Tuning.PRODUCTION)) {
      UpdateBlock tooLarge = Blocks.largeRow(1, largest + 64);
      MemoryTooSmallException e =
          assertThrows(MemoryTooSmallException.class, () -> consolidator.add(tooLarge));
      assertTrue(e.getMessage().contains("a row of"), e.getMessage());
    }
  }

  @Test
  void shouldDeleteItsFilesWhereverItIsClosed() throws Exception {
    for (int blocksTaken = -1; blocksTaken < 12; blocksTaken++) {
      try (Consolidator consolidator = consolidator(SCHEMA, tuning(4))) {
        for (int from = 0; from < 12_000; from += 1000) {
          consolidator.add(Blocks.rows(IntStream.range(from, from + 1000), 1));
        }
        assertTrue(Files.exists(spills()));
        for (int i = 0; i < blocksTaken; i++) {
          assertNotNull(consolidator.next());
        }
      }
      assertFalse(Files.exists(spills()), "after " + blocksTaken + " blocks");
    }
  }

  @Test
  void shouldLeaveADirectoryThatHoldsMoreThanItsFiles() throws Exception {
    Files.createDirectories(spills());
    Path other = Files.writeString(spills().resolve("other"), "not mine");
    try (Consolidator consolidator = consolidator(SCHEMA, tuning(4))) {
      for (int from = 0; from < 12_000; from += 1000) {
        consolidator.add(Blocks.rows(IntStream.range(from, from + 1000), 1));
      }
      assertNotNull(consolidator.next());
    }
    try (var left = Files.list(spills())) {
      assertEquals(List.of(other), left.toList());
    }
  }
}
