package io.tidemark.location.file;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** Folders that outlive a power cut. */
public final class Folders {

  private static final StoreFiles DISK = new DiskFiles();

  private Folders() {}

  /**
   * Makes a folder, and the parents that are missing, and forces each new one's entry in its
   * parent. Blocks.
   */
  public static void createDurably(Path folder) throws IOException {
    createDurably(DISK, folder);
  }

  /** Forces which names a folder holds. Blocks. */
  public static void force(Path folder) throws IOException {
    DISK.forceFolder(folder);
  }

  static void createDurably(StoreFiles files, Path folder) throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path p = folder.toAbsolutePath(); p != null && absent(files, p); p = p.getParent()) {
      missing.push(p);
    }
    for (Path p : missing) {
      create(files, p);
      Path parent = p.getParent();
      if (parent != null) {
        files.forceFolder(parent);
      }
    }
  }

  /**
   * Makes the folders between {@code root}, which is there, and {@code folder}, and it; no force.
   */
  static void create(StoreFiles files, Path root, Path folder) throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path p = folder; !p.equals(root) && absent(files, p); p = parent(p)) {
      missing.push(p);
    }
    for (Path p : missing) {
      create(files, p);
    }
  }

  /** The parent of a path below a root. */
  static Path parent(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalArgumentException("path " + path + " has no parent");
    }
    return parent;
  }

  private static boolean absent(StoreFiles files, Path folder) throws IOException {
    Optional<StoreFiles.Found> found = files.find(folder);
    if (found.isPresent() && !found.get().folder()) {
      throw new NotDirectoryException(folder.toString());
    }
    return found.isEmpty();
  }

  private static void create(StoreFiles files, Path folder) throws IOException {
    try {
      files.createFolder(folder);
    } catch (FileAlreadyExistsException e) {
      // Another process was quicker. If it made a file, what comes next says so.
      return;
    }
  }
}
