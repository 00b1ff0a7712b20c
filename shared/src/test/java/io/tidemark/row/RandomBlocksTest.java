package io.tidemark.row;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The generator itself: repeatable, within its bounds, and with something of everything. */
class RandomBlocksTest {

  @Test
  void shouldGiveTheSameBlocksForTheSameSeed() {
    Seeds.forEach(
        20,
        seed -> {
          UpdateBlock first = new RandomBlocks(seed).block();
          UpdateBlock second = new RandomBlocks(seed).block();
          assertEquals(first.schema(), second.schema());
          Update.assertSame(first, second);
        });
  }

  @Test
  void shouldKeepTimesInTheirRange() {
    Seeds.forEach(
        50,
        seed -> {
          RandomBlocks random = new RandomBlocks(seed);
          UpdateBlock block = random.block(random.schema(), 40, seed, seed + 3);
          for (Update update : Update.listOf(block)) {
            assertTrue(update.time() >= seed && update.time() < seed + 3, update.toString());
          }
        });
  }

  @Test
  void shouldGiveEveryTypeNullsErrorsAndRepeatedRows() {
    Set<ColumnType.Kind> kinds = EnumSet.noneOf(ColumnType.Kind.class);
    int nulls = 0;
    int errors = 0;
    int repeats = 0;
    for (long seed = 1; seed <= 100; seed++) {
      UpdateBlock block = new RandomBlocks(seed).block();
      block.schema().columns().forEach(column -> kinds.add(column.type().kind()));
      Set<Object> seen = new HashSet<>();
      for (Update update : Update.listOf(block)) {
        errors += update.error() == null ? 0 : 1;
        nulls += update.error() == null && update.row().contains(null) ? 1 : 0;
        repeats += seen.add(update.row()) ? 0 : 1;
      }
    }
    assertEquals(EnumSet.allOf(ColumnType.Kind.class), kinds);
    assertTrue(nulls > 100 && errors > 100 && repeats > 100);
  }
}
