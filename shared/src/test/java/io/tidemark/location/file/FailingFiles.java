package io.tidemark.location.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** The files of the disk, of which one operation that changes something fails. */
final class FailingFiles extends DiskFiles {

  /** How an operation fails. */
  enum Failure {
    /** It does nothing. */
    WITHOUT_EFFECT,
    /** It has been done, as far as it can be: a file is written by half. */
    AFTER_EFFECT
  }

  /** What an operation does. */
  enum Operation {
    CREATE_FOLDER,
    DELETE,
    WRITE,
    RENAME,
    FORCE_FOLDER
  }

  private final Failure failure;
  private int passing;
  private Operation failed;

  /** Fails the change that comes after {@code passing} others. */
  FailingFiles(int passing, Failure failure) {
    this.passing = passing;
    this.failure = failure;
  }

  /** What has failed, or null. */
  Operation failed() {
    return failed;
  }

  private interface Change {
    void make() throws IOException;
  }

  private void change(Operation operation, Change change) throws IOException {
    if (passing-- != 0) {
      change.make();
      return;
    }
    failed = operation;
    if (failure == Failure.AFTER_EFFECT) {
      change.make();
    }
    throw new IOException("injected: no space left on device");
  }

  @Override
  public void createFolder(Path folder) throws IOException {
    change(Operation.CREATE_FOLDER, () -> super.createFolder(folder));
  }

  @Override
  public void delete(Path file) throws IOException {
    change(Operation.DELETE, () -> super.delete(file));
  }

  @Override
  public void writeNew(Path file, byte[] bytes) throws IOException {
    boolean fails = passing == 0;
    byte[] written = fails ? Arrays.copyOf(bytes, bytes.length / 2) : bytes;
    change(Operation.WRITE, () -> super.writeNew(file, written));
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    change(Operation.RENAME, () -> super.rename(from, to));
  }

  @Override
  public void forceFolder(Path folder) throws IOException {
    change(Operation.FORCE_FOLDER, () -> super.forceFolder(folder));
  }
}
