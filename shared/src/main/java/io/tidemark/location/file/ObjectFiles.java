package io.tidemark.location.file;

import io.tidemark.location.Blob.Entry;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.IndeterminateException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How objects become files and go. All of it blocks, and may run on many threads and in many
 * processes at once.
 *
 * <p>An object is written under a name of its own, forced, renamed to its key in one step, and then
 * the folders down to it are forced: all of them each time, since another process may have made one
 * and not forced it yet. A folder goes with its last object, so a write may find its folder gone.
 */
final class ObjectFiles {

  /** How often a folder may vanish under a write before the write gives up. */
  static final int MAX_PLACE_ATTEMPTS = 16;

  private static final Logger LOG = LoggerFactory.getLogger(ObjectFiles.class);
  private static final String TEMPORARY = ".tmp";

  private final StoreFiles files;
  private final Path root;

  ObjectFiles(StoreFiles files, Path root) {
    this.files = files;
    this.root = root.toAbsolutePath().normalize();
  }

  /** Makes the root if it is missing, and removes temporary files last written before a time. */
  void open(long abandonedBeforeMillis) {
    try {
      Folders.createDurably(files, root.resolve(TEMPORARY));
      for (Path path : files.list(root.resolve(TEMPORARY))) {
        Optional<StoreFiles.Found> found = files.find(path);
        if (found.isPresent() && found.get().modifiedMillis() < abandonedBeforeMillis) {
          discard(path);
        }
      }
    } catch (IOException e) {
      throw new DeterminateException("cannot open the blob store in " + root + ": " + e, e);
    }
  }

  /** The bytes of an object, or empty. */
  Optional<byte[]> read(String key) {
    Path file = root.resolve(key);
    try {
      return Optional.of(files.read(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      // What cannot be read because it is a folder, or below a file, is no object.
      if (size(key, "read").isEmpty()) {
        return Optional.empty();
      }
      throw determinate("read", key, e);
    }
  }

  /** Stores an object durably, by way of a temporary file of this name. */
  void write(String key, byte[] value, String temporaryName) {
    Path temporary = root.resolve(TEMPORARY).resolve(temporaryName);
    Path file = root.resolve(key);
    try {
      Optional<StoreFiles.Found> found = files.find(file);
      if (found.isPresent() && found.get().folder()) {
        throw determinate("write", key, new IOException("other keys have it as their folder"));
      }
      files.writeNew(temporary, value);
    } catch (FileAlreadyExistsException e) {
      throw determinate("write", key, e);
    } catch (IOException e) {
      discard(temporary);
      throw determinate("write", key, e);
    }
    place(key, temporary, file);
    try {
      forceUpToRoot(file);
    } catch (IOException e) {
      throw indeterminate("write", key, e);
    }
  }

  private void place(String key, Path temporary, Path file) {
    IOException vanished = null;
    for (int attempt = 0; attempt < MAX_PLACE_ATTEMPTS; attempt++) {
      try {
        Folders.create(files, root, Folders.parent(file));
      } catch (NoSuchFileException e) {
        vanished = e;
        continue;
      } catch (IOException e) {
        discard(temporary);
        throw determinate("write", key, e);
      }
      try {
        files.rename(temporary, file);
        return;
      } catch (NoSuchFileException e) {
        // Someone deleted the last other object of the folder, and so the folder, meanwhile.
        vanished = e;
      } catch (IOException e) {
        throw indeterminate("write", key, e);
      }
    }
    discard(temporary);
    throw determinate("write", key, vanished);
  }

  /** Removes an object durably. Returns its size, or empty if there was none. */
  OptionalLong remove(String key) {
    Path file = root.resolve(key);
    OptionalLong bytes = size(key, "delete");
    try {
      if (bytes.isPresent()) {
        files.delete(file);
      }
    } catch (NoSuchFileException e) {
      bytes = OptionalLong.empty();
    } catch (IOException e) {
      throw indeterminate("delete", key, e);
    }
    try {
      // Also if it is absent: whoever removed it may not have forced that yet.
      files.forceFolder(Folders.parent(file));
    } catch (NoSuchFileException e) {
      return bytes;
    } catch (IOException e) {
      throw indeterminate("delete", key, e);
    }
    removeEmptyFolders(Folders.parent(file));
    return bytes;
  }

  /** The objects whose keys begin with {@code prefix}. */
  List<Entry> walk(String prefix) {
    List<Entry> entries = new ArrayList<>();
    Deque<Path> folders = new ArrayDeque<>();
    folders.push(root);
    try {
      while (!folders.isEmpty()) {
        for (Path path : files.list(folders.pop())) {
          visit(path, prefix, folders, entries);
        }
      }
    } catch (IOException e) {
      throw determinate("list", prefix, e);
    }
    return entries;
  }

  private void visit(Path path, String prefix, Deque<Path> folders, List<Entry> entries)
      throws IOException {
    String key = root.relativize(path).toString().replace('\\', '/');
    boolean own = path.getFileName().toString().startsWith(".");
    if (own || !(key.startsWith(prefix) || prefix.startsWith(key + '/'))) {
      return;
    }
    Optional<StoreFiles.Found> found = files.find(path);
    if (found.isEmpty()) {
      return;
    }
    if (found.get().folder()) {
      folders.push(path);
    } else if (key.startsWith(prefix)) {
      entries.add(new Entry(key, found.get().bytes()));
    }
  }

  /** Fails, determinately, if there is no such object. */
  void requirePresent(String key) {
    if (size(key, "restore").isEmpty()) {
      throw new DeterminateException(
          "cannot restore '" + key + "' below " + root + ": a deleted file is gone");
    }
  }

  /** The size of an object, or empty if there is none. */
  private OptionalLong size(String key, String what) {
    try {
      Optional<StoreFiles.Found> found = files.find(root.resolve(key));
      return found.isEmpty() || found.get().folder()
          ? OptionalLong.empty()
          : OptionalLong.of(found.get().bytes());
    } catch (IOException e) {
      throw determinate(what, key, e);
    }
  }

  private void forceUpToRoot(Path file) throws IOException {
    for (Path folder = Folders.parent(file); ; folder = Folders.parent(folder)) {
      try {
        files.forceFolder(folder);
      } catch (NoSuchFileException e) {
        if (folder.equals(root)) {
          throw e;
        }
        // Gone with the object itself, which someone deleted as soon as it was there.
        LOG.debug("folder {} went before it was forced", folder);
      }
      if (folder.equals(root)) {
        return;
      }
    }
  }

  private void removeEmptyFolders(Path deepest) {
    for (Path folder = deepest; !folder.equals(root); folder = Folders.parent(folder)) {
      try {
        files.deleteFolder(folder);
      } catch (IOException e) {
        LOG.trace("folder {} stays", folder, e);
        return;
      }
    }
  }

  private void discard(Path temporary) {
    try {
      files.delete(temporary);
    } catch (NoSuchFileException e) {
      LOG.debug("temporary file {} is gone already", temporary);
    } catch (IOException e) {
      LOG.warn("temporary file {} stays until a later open removes it", temporary, e);
    }
  }

  private DeterminateException determinate(String what, String key, @Nullable Throwable e) {
    return new DeterminateException(text(what, key, "", e), e);
  }

  private IndeterminateException indeterminate(String what, String key, Throwable e) {
    return new IndeterminateException(
        text(what, key, ", which may have happened all the same", e), e);
  }

  private String text(String what, String key, String but, @Nullable Throwable e) {
    return "cannot " + what + " '" + key + "' below " + root + but + ": " + e;
  }
}
