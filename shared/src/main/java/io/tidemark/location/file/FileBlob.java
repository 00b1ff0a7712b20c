package io.tidemark.location.file;

import io.tidemark.environment.Clock;
import io.tidemark.environment.Entropy;
import io.tidemark.environment.Offload;
import io.tidemark.location.Arguments;
import io.tidemark.location.Blob;
import io.tidemark.location.DeterminateException;
import io.tidemark.location.ExternalException;
import io.tidemark.location.IndeterminateException;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs as the files of a folder, which several processes may share:
 *
 * <pre>
 * root/
 *   shard/writer/part      the object of key shard/writer/part, its bytes and nothing else
 *   .tmp/0123…def          an object that is being written, named at random
 * </pre>
 *
 * <p>An object is written under a name of its own, forced, renamed to its key in one step, and then
 * the folders down to it are forced: all of them each time, since another process may have made one
 * and not forced it yet. A folder goes with its last object. What a dead process left in {@code
 * .tmp} is removed at open, once it is {@link #MAX_TEMPORARY_AGE_MILLIS} old.
 *
 * <p>A call that fails before the rename (or removal) has surely not happened, one that fails in it
 * or later may have. Deleted objects are gone: they cannot be restored. All work that blocks runs
 * on the {@link Offload}; the store may be used by several threads if the {@link Entropy} may.
 */
public final class FileBlob implements Blob, AutoCloseable {

  /** Nothing takes this long to write: older temporary files are of the dead. */
  public static final long MAX_TEMPORARY_AGE_MILLIS = 3_600_000;

  /** How often a folder may vanish under a write before the write gives up. */
  static final int MAX_PLACE_ATTEMPTS = 16;

  private static final Logger LOG = LoggerFactory.getLogger(FileBlob.class);
  private static final String TEMPORARY = ".tmp";

  private final StoreFiles files;
  private final Path root;
  private final Offload offload;
  private final Entropy entropy;
  private volatile boolean closed;

  private FileBlob(StoreFiles files, Path root, Offload offload, Entropy entropy) {
    this.files = files;
    this.root = root;
    this.offload = offload;
    this.entropy = entropy;
  }

  /**
   * Opens the store in {@code root}, which is made if it is missing. Blocks: not for an event loop.
   *
   * @throws DeterminateException if the folder cannot be made or read
   */
  public static FileBlob open(Path root, Offload offload, Entropy entropy, Clock clock) {
    return open(new DiskFiles(), root, offload, entropy, clock);
  }

  static FileBlob open(StoreFiles files, Path root, Offload offload, Entropy entropy, Clock clock) {
    FileBlob blob = new FileBlob(files, root.toAbsolutePath().normalize(), offload, entropy);
    try {
      Folders.createDurably(files, blob.root.resolve(TEMPORARY));
      blob.removeAbandoned(clock.wallMillis() - MAX_TEMPORARY_AGE_MILLIS);
    } catch (IOException e) {
      throw blob.determinate("open", "", e);
    }
    return blob;
  }

  @Override
  public Future<Optional<byte[]>> get(String key) {
    Arguments.key(key);
    return call("read", key, () -> read(key));
  }

  @Override
  public Future<Void> set(String key, byte[] value) {
    Arguments.key(key);
    Arguments.object(value);
    Path temporary = root.resolve(TEMPORARY).resolve(entropy.nextId());
    return call("write", key, () -> write(key, value, temporary)).mapEmpty();
  }

  @Override
  public Future<OptionalLong> delete(String key) {
    Arguments.key(key);
    return call("delete", key, () -> remove(key));
  }

  @Override
  public Future<Void> list(String prefix, Consumer<Entry> objects) {
    Arguments.prefix(prefix);
    return call("list", prefix, () -> walk(prefix))
        .map(
            entries -> {
              entries.forEach(objects);
              return null;
            });
  }

  /** Succeeds iff the object is there: a deleted file cannot be brought back. */
  @Override
  public Future<Void> restore(String key) {
    Arguments.key(key);
    return call("restore", key, () -> requirePresent(key)).mapEmpty();
  }

  /** Refuses calls from now on. Those under way end as they would have. Does not block. */
  @Override
  public void close() {
    closed = true;
  }

  private <T> Future<T> call(String what, String key, Callable<T> work) {
    if (closed) {
      return Future.failedFuture(
          new DeterminateException("cannot " + what + " '" + key + "': the store is closed"));
    }
    return offload.call(work).recover(e -> Future.failedFuture(classified(what, key, e)));
  }

  private ExternalException classified(String what, String key, Throwable e) {
    if (e instanceof ExternalException classified) {
      return classified;
    }
    return e instanceof RejectedExecutionException
        ? determinate(what, key, e)
        : indeterminate(what, key, e);
  }

  private Optional<byte[]> read(String key) {
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

  private boolean write(String key, byte[] value, Path temporary) {
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
    return true;
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

  private OptionalLong remove(String key) {
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

  private List<Entry> walk(String prefix) {
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

  private boolean requirePresent(String key) {
    if (size(key, "restore").isEmpty()) {
      throw new DeterminateException(
          "cannot restore '" + key + "' below " + root + ": a deleted file is gone");
    }
    return true;
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
        files.delete(folder);
      } catch (DirectoryNotEmptyException | NoSuchFileException e) {
        return;
      } catch (IOException e) {
        LOG.debug("empty folder {} stays", folder, e);
        return;
      }
    }
  }

  private void removeAbandoned(long olderThanMillis) throws IOException {
    for (Path path : files.list(root.resolve(TEMPORARY))) {
      Optional<StoreFiles.Found> found = files.find(path);
      if (found.isPresent() && found.get().modifiedMillis() < olderThanMillis) {
        discard(path);
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
