package io.tidemark.location.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The operations as the operating system has them. */
class DiskFiles implements StoreFiles {

  /**
   * How much is read or written at once. The JDK keeps a direct buffer as large as the largest
   * piece for each thread, for good.
   */
  private static final int PIECE_BYTES = 256 << 10;

  @Override
  public Optional<Found> find(Path path) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return Optional.of(
          new Found(
              attributes.isDirectory(),
              attributes.size(),
              attributes.lastModifiedTime().toMillis()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (FileSystemException e) {
      if (belowFile(path)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** True if a file is where {@code path} needs a folder: so nothing is at {@code path}. */
  private static boolean belowFile(Path path) {
    for (Path p = path.getParent(); p != null; p = p.getParent()) {
      if (Files.exists(p)) {
        return Files.isRegularFile(p);
      }
    }
    return false;
  }

  @Override
  public List<Path> list(Path folder) throws IOException {
    List<Path> paths = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      entries.forEach(paths::add);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return paths;
  }

  @Override
  public void createFolder(Path folder) throws IOException {
    Files.createDirectory(folder);
  }

  @Override
  public void delete(Path file) throws IOException {
    Files.delete(file);
  }

  @Override
  public void deleteFolder(Path folder) throws IOException {
    // Files.delete would as well remove the file that has taken the folder's place meanwhile.
    try (DirectoryStream<Path> parent = Files.newDirectoryStream(Folders.parent(folder))) {
      if (!(parent instanceof SecureDirectoryStream<Path> secure)) {
        throw new IOException("folders cannot be removed safely on this system");
      }
      secure.deleteDirectory(folder.getFileName());
    }
  }

  @Override
  public byte[] read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      // A file of the store is never written again, so its size is its size.
      byte[] bytes = new byte[Math.toIntExact(channel.size())];
      int read = 0;
      while (read < bytes.length) {
        int piece = Math.min(PIECE_BYTES, bytes.length - read);
        int count = channel.read(ByteBuffer.wrap(bytes, read, piece));
        if (count < 0) {
          return Arrays.copyOf(bytes, read);
        }
        read += count;
      }
      return bytes;
    }
  }

  @Override
  public void writeNew(Path file, byte[] bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      int written = 0;
      while (written < bytes.length) {
        int piece = Math.min(PIECE_BYTES, bytes.length - written);
        written += channel.write(ByteBuffer.wrap(bytes, written, piece));
      }
      channel.force(true);
    }
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void forceFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
