package io.tidemark.location.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The few operations on files that a durable store is made of. Each fails with the exception that
 * {@link java.nio.file.Files} names for the case; all of them block.
 *
 * <p>Design note: an interface, so that a full disk, a failing force and a power cut can be put in
 * between.
 */
interface StoreFiles {

  /**
   * What is found at a path.
   *
   * @param folder true for a folder, false for a file
   * @param bytes the file's size
   * @param modifiedMillis when it was last written, in milliseconds since the epoch
   */
  record Found(boolean folder, long bytes, long modifiedMillis) {}

  /** What is at {@code path}, or empty if nothing is. */
  Optional<Found> find(Path path) throws IOException;

  /** The paths in a folder; none if the folder is not there. */
  List<Path> list(Path folder) throws IOException;

  /** Makes one folder in a parent that is there. */
  void createFolder(Path folder) throws IOException;

  /** Removes a file. */
  void delete(Path file) throws IOException;

  /**
   * Removes a folder if it is empty, and never a file. Fails, with whatever exception, if it does
   * not.
   */
  void deleteFolder(Path folder) throws IOException;

  /** The bytes of a file. */
  byte[] read(Path file) throws IOException;

  /** Makes a file that must not be there yet, writes it, and forces it to stable storage. */
  void writeNew(Path file, byte[] bytes) throws IOException;

  /** Moves a file, atomically, in the place of the one at {@code to} if there is one. */
  void rename(Path from, Path to) throws IOException;

  /** Forces the entries of a folder, that is which names it holds, to stable storage. */
  void forceFolder(Path folder) throws IOException;
}
