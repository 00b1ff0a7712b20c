package io.tidemark.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Streams are cut into chunks at line ends, and nothing is lost or read far ahead. */
class ChunkTest {

  @Test
  void shouldGiveEveryByteOnceInWholeLines() {
    Seeds.forEach(
        20,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          String text = text(random, 1 << 20);
          StringBuilder read = new StringBuilder();
          long line = 1;
          for (Chunk chunk : chunks(text)) {
            assertEquals(line, chunk.firstLine());
            line += string(chunk).chars().filter(c -> c == '\n').count();
            read.append(string(chunk));
            assertTrue(text.length() == read.length() || string(chunk).endsWith("\n"));
          }
          assertEquals(text, read.toString());
        });
  }

  @Test
  void shouldCutAndSplitByRows() {
    Seeds.forEach(
        50,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          byte[] text = text(random, 2_000).getBytes(StandardCharsets.US_ASCII);
          Chunk chunk = new Chunk(text, 0, text.length, 1);
          List<String> rows = rows(List.of(chunk));
          assertEquals(rows.size(), chunk.rows());
          int passed = random.nextInt(rows.size() + 1);
          assertEquals(rows.subList(passed, rows.size()), rows(List.of(chunk.after(passed))));

          List<Chunk> pieces = List.of(chunk);
          while (pieces.stream().anyMatch(each -> each.halves().size() > 1)) {
            pieces = pieces.stream().flatMap(each -> each.halves().stream()).toList();
          }
          assertEquals(rows, rows(pieces));
          assertTrue(pieces.stream().allMatch(each -> each.rows() <= 1));
          String before = "";
          for (Chunk piece : pieces) {
            assertEquals(before.chars().filter(c -> c == '\n').count() + 1, piece.firstLine());
            before += string(piece);
          }
        });
  }

  @Test
  void shouldReadNoFurtherAheadThanAChunk() throws Exception {
    AtomicLong given = new AtomicLong();
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            throw new AssertionError("reads blocks");
          }

          @Override
          public int read(byte[] into, int from, int length) {
            for (int i = 0; i < length; i++) {
              into[from + i] = (byte) (i % 10 == 9 ? '\n' : 'x');
            }
            given.addAndGet(length);
            return length;
          }
        };
    try (LineChunks chunks = new LineChunks(endless)) {
      long taken = 0;
      for (int i = 0; i < 20; i++) {
        taken += chunks.take().length();
        assertTrue(given.get() <= taken + LineChunks.CHUNK_BYTES + 2 * (64 << 10) + 10);
      }
    }
  }

  @Test
  void shouldRefuseALineWithoutEnd() throws Exception {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }
        };
    InputStream in = new SequenceInputStream(new ByteArrayInputStream(new byte[] {'\n'}), endless);
    try (LineChunks chunks = new LineChunks(in)) {
      assertEquals(1, chunks.take().length());
      IOException refused = assertThrows(IOException.class, chunks::take);
      assertEquals("line 2 is longer than 16777216 bytes", refused.getMessage());
    }
  }

  private static List<Chunk> chunks(String text) {
    InputStream in = new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    List<Chunk> all = new ArrayList<>();
    try (LineChunks chunks = new LineChunks(in)) {
      for (Chunk chunk = chunks.take(); chunk != null; chunk = chunks.take()) {
        all.add(chunk);
      }
      assertNull(chunks.poll());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
    return all;
  }

  private static List<String> rows(List<Chunk> chunks) {
    List<String> rows = new ArrayList<>();
    chunks.forEach(chunk -> rows.addAll(string(chunk).lines().filter(l -> !l.isBlank()).toList()));
    return rows;
  }

  private static String string(Chunk chunk) {
    return new String(chunk.bytes(), chunk.from(), chunk.length(), StandardCharsets.US_ASCII);
  }

  private static String text(SplittableRandom random, int length) {
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      int line = random.nextInt(10) == 0 ? random.nextInt(length / 4) : random.nextInt(100);
      text.append(random.nextInt(8) == 0 ? " \t" : "x".repeat(line));
      text.append(random.nextInt(4) == 0 ? "\r\n" : "\n");
    }
    return random.nextBoolean() ? text.toString() : text.append("last").toString();
  }
}
