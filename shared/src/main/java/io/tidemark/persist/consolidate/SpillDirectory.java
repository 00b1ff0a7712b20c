package io.tidemark.persist.consolidate;

import io.tidemark.location.DeterminateException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of one consolidation's spill files. It is made for the first file and deleted with
 * the last; nothing in it matters to anyone else.
 */
final class SpillDirectory {

  private static final Logger log = LoggerFactory.getLogger(SpillDirectory.class);

  private final Path directory;
  private final FileOpener opener;
  private final Set<Path> live = new LinkedHashSet<>();
  private long bytes;
  private int files;
  private int depth;

  SpillDirectory(Path directory, FileOpener opener) {
    this.directory = directory;
    this.opener = opener;
  }

  /** The path of a new file. */
  Path newPath() {
    return directory.resolve("partition-" + files++ + ".spill");
  }

  /** Creates the file for writing. It is deleted at the latest by {@link #deleteAll}. */
  FileChannel create(Path path) throws IOException {
    if (live.isEmpty()) {
      Files.createDirectories(directory);
    }
    FileChannel channel =
        opener.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    live.add(path); // not before: a file that was there already is not ours to delete
    return channel;
  }

  FileChannel open(Path path) throws IOException {
    return opener.open(path, StandardOpenOption.READ);
  }

  void count(long writtenBytes, int level) {
    bytes += writtenBytes;
    depth = Math.max(depth, level);
  }

  Spilled spilled() {
    return new Spilled(bytes, files, depth);
  }

  /** Deletes a file that has been read. */
  void delete(SpillFile file) {
    deleteQuietly(file.path());
    live.remove(file.path());
  }

  /** Deletes every file that is left, and the directory. */
  void deleteAll() {
    if (files > 0) {
      live.forEach(SpillDirectory::deleteQuietly);
      live.clear();
      deleteQuietly(directory);
    }
  }

  /** What cannot be deleted is garbage, but the snapshot is right: say so and go on. */
  private static void deleteQuietly(Path path) {
    try {
      boolean ignored = Files.deleteIfExists(path);
    } catch (IOException e) {
      log.warn(
          "cannot delete {}, left by a consolidation ({}): delete it by hand", path, e.toString());
    }
  }

  static DeterminateException failed(String what, Path path, IOException cause) {
    return new DeterminateException(
        "cannot "
            + what
            + " the spill file "
            + path
            + " ("
            + cause
            + "): see that its directory can be written and has room, or consolidate in more memory",
        cause);
  }
}
