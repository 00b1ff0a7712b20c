package io.tidemark.launcher.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LinesTest {

  private static void take(Lines lines, List<String> into) {
    while (lines.hasNext()) {
      String text =
          new String(lines.data(), lines.from(), lines.length(), StandardCharsets.US_ASCII);
      into.add(lines.number() + ":" + text.strip());
      lines.take();
    }
  }

  @Test
  void shouldFindTheSameLinesHoweverTheyAreCut() {
    Seeds.forEach(
        300,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          StringBuilder text = new StringBuilder();
          List<String> expected = new ArrayList<>();
          int count = random.nextInt(40);
          for (int i = 1; i <= count; i++) {
            String line = "x".repeat(random.nextInt(3) == 0 ? 0 : random.nextInt(5_000));
            if (!line.isEmpty()) {
              expected.add(i + ":" + line);
            }
            boolean bare = i == count && random.nextBoolean();
            text.append(line).append(bare ? "" : random.nextBoolean() ? "\n" : " \r\n");
          }
          Lines lines = new Lines(6_000);
          List<String> found = new ArrayList<>();
          for (int at = 0; at < text.length(); ) {
            int end = Math.min(text.length(), at + 1 + random.nextInt(9_000));
            lines.add(Buffer.buffer(text.substring(at, end)));
            if (random.nextBoolean()) {
              take(lines, found);
            }
            at = end;
          }
          lines.end();
          take(lines, found);
          assertEquals(expected, found);
        });
  }

  @Test
  void shouldStayAtALineUntilItIsTaken() {
    Lines lines = new Lines(10);
    lines.add(Buffer.buffer("a\nb"));
    assertTrue(lines.hasNext());
    assertTrue(lines.hasNext());
    assertEquals(1, lines.number());
    lines.take();
    assertFalse(lines.hasNext());
  }

  @Test
  void shouldBoundALineThatDoesNotEnd() {
    Lines lines = new Lines(10);
    lines.add(Buffer.buffer("\n0123456789"));
    assertFalse(lines.hasNext());
    lines.add(Buffer.buffer("0"));
    RefusedException refused = assertThrows(RefusedException.class, lines::hasNext);
    assertEquals(FailureCode.TOO_LARGE, refused.code());
    assertTrue(refused.getMessage().startsWith("line 2 "), refused.getMessage());
  }
}
