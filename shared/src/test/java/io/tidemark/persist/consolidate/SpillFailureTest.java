package io.tidemark.persist.consolidate;

import static io.tidemark.persist.consolidate.Blocks.SCHEMA;
import static io.tidemark.persist.consolidate.Blocks.TIME;
import static io.tidemark.persist.consolidate.Blocks.drain;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.location.DeterminateException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that are full, broken or lie: a clear failure, and no file left behind. */
class SpillFailureTest {

  @TempDir Path directory;

  private Consolidator consolidator(FileOpener opener) {
    return new Consolidator(
        SCHEMA,
        TIME,
        new ConsolidatorOptions(ConsolidatorOptions.MIN_MEMORY_BYTES, spills(), 100, 1 << 20),
        new Tuning(new RowHash.Multiplied(), 4, 6, opener));
  }

  private Path spills() {
    return directory.resolve("spills");
  }

  private static void addMany(Consolidator consolidator) {
    for (int from = 0; from < 20_000; from += 1000) {
      consolidator.add(Blocks.rows(IntStream.range(from, from + 1000), 1));
    }
  }

  private static boolean isRead(OpenOption... options) {
    return Arrays.asList(options).contains(StandardOpenOption.READ);
  }

  /**
   * Opens files that fail at their first write: the device that is always full, if there is one.
   */
  private static FileChannel full(Path path) throws IOException {
    Path device = Path.of("/dev/full");
    Files.createFile(path);
    if (Files.exists(device)) {
      return FileChannel.open(device, StandardOpenOption.WRITE);
    }
    FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
    channel.close();
    return channel;
  }

  private void assertFailed(Consolidator consolidator, DeterminateException e, String what) {
    assertTrue(e.getMessage().startsWith(what), e.getMessage());
    assertTrue(e.getMessage().contains(spills().toString()), e.getMessage());
    assertFalse(Files.exists(spills()));
    assertThrows(IllegalStateException.class, consolidator::next);
  }

  @Test
  void shouldFailAndCleanUpIfTheDiskIsFullWhileAdding() {
    int[] opened = {0};
    FileOpener opener =
        (path, options) -> opened[0]++ < 2 ? FileChannel.open(path, options) : full(path);
    try (Consolidator consolidator = consolidator(opener)) {
      DeterminateException e =
          assertThrows(DeterminateException.class, () -> addMany(consolidator));
      assertFailed(consolidator, e, "cannot write the spill file ");
    }
  }

  @Test
  void shouldFailAndCleanUpIfTheDiskIsFullWhileDividing() {
    int[] opened = {0};
    FileOpener opener =
        (path, options) ->
            isRead(options) || opened[0]++ < 6 ? FileChannel.open(path, options) : full(path);
    try (Consolidator consolidator = consolidator(opener)) {
      addMany(consolidator);
      DeterminateException e = assertThrows(DeterminateException.class, () -> drain(consolidator));
      assertFailed(consolidator, e, "cannot write the spill file ");
    }
  }

  @Test
  void shouldFailAndCleanUpIfAFileCannotBeRead() {
    FileOpener opener =
        (path, options) -> {
          FileChannel channel = FileChannel.open(path, options);
          if (isRead(options)) {
            channel.close();
          }
          return channel;
        };
    try (Consolidator consolidator = consolidator(opener)) {
      addMany(consolidator);
      DeterminateException e = assertThrows(DeterminateException.class, consolidator::next);
      assertFailed(consolidator, e, "cannot read the spill file ");
    }
  }

  @Test
  void shouldFailIfTheDirectoryCannotBeMade() throws Exception {
    Files.writeString(spills(), "in the way");
    try (Consolidator consolidator = consolidator(FileChannel::open)) {
      DeterminateException e =
          assertThrows(DeterminateException.class, () -> addMany(consolidator));
      assertTrue(e.getMessage().startsWith("cannot create the spill file"), e.getMessage());
    }
  }

  @Test
  void shouldNotTouchAFileThatIsThereAlready() throws Exception {
    Files.createDirectories(spills());
    Path other =
        Files.writeString(spills().resolve("partition-1.spill"), "of another consolidation");
    try (Consolidator consolidator = consolidator(FileChannel::open)) {
      assertThrows(DeterminateException.class, () -> addMany(consolidator));
    }
    assertEquals("of another consolidation", Files.readString(other));
  }

  @Test
  void shouldNoticeAFileThatIsCutShort() throws Exception {
    Path file = lastFileOfAHalfReadConsolidation();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 8);
    }
    assertDamaged("it is cut short");
  }

  @Test
  void shouldNoticeAByteThatChanged() throws Exception {
    Path file = lastFileOfAHalfReadConsolidation();
    change(file, 100);
    assertDamaged("its checksum does not match");
  }

  @Test
  void shouldNoticeALengthThatChanged() throws Exception {
    Path file = lastFileOfAHalfReadConsolidation();
    change(file, 3);
    assertDamaged("a record has an impossible length");
  }

  private Consolidator halfRead;

  private Path lastFileOfAHalfReadConsolidation() throws IOException {
    halfRead = consolidator(FileChannel::open);
    addMany(halfRead);
    assertNotNull(halfRead.next());
    try (Stream<Path> files = Files.list(spills())) {
      return files.filter(file -> file.endsWith("partition-3.spill")).findAny().orElseThrow();
    }
  }

  private static void change(Path file, long at) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      assertEquals(1, channel.read(one, at));
      one.put(0, (byte) (one.get(0) ^ 0x40)).rewind();
      assertEquals(1, channel.write(one, at));
    }
  }

  private void assertDamaged(String how) {
    DeterminateException e = assertThrows(DeterminateException.class, () -> drain(halfRead));
    assertTrue(e.getMessage().contains("is damaged (" + how + ")"), e.getMessage());
    assertFalse(Files.exists(spills()));
  }

  @Test
  void shouldBoundItsOpenFiles() {
    List<FileChannel> channels = new ArrayList<>();
    int[] most = {0};
    FileOpener opener =
        (path, options) -> {
          FileChannel channel = FileChannel.open(path, options);
          channels.add(channel);
          channels.removeIf(c -> !c.isOpen());
          most[0] = Math.max(most[0], channels.size());
          return channel;
        };
    try (Consolidator consolidator = consolidator(opener)) {
      addMany(consolidator);
      assertEquals(20_000, drain(consolidator).size());
      assertTrue(consolidator.spilled().depth() > 1);
    }
    assertEquals(5, most[0], "four partitions and the one that is divided");
    assertTrue(channels.stream().noneMatch(FileChannel::isOpen));
  }
}
