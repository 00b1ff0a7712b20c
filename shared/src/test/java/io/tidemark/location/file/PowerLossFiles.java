package io.tidemark.location.file;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Files in memory that forget, when the power is cut, what was not forced: of each name that was
 * added to or removed from a folder since that was forced, whether it is there is a matter of
 * chance, and of a file that was being written a part is left. Harsher than any file system.
 */
final class PowerLossFiles implements StoreFiles {

  /** The power was cut: the operation under way, and those after it, do not return. */
  static final class PowerCut extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static final class Node {
    private final boolean folder;
    private byte[] bytes = {};
    private boolean forced;
    private Map<String, Node> entries = new HashMap<>();
    private Map<String, Node> forcedEntries = new HashMap<>();

    Node(boolean folder) {
      this.folder = folder;
    }
  }

  private final SplittableRandom random;
  private final Node root = new Node(true);
  private int changesUntilCut;

  /** Cuts the power in the middle of one change; which one, {@link #cutAfter} says. */
  PowerLossFiles(SplittableRandom random) {
    this.random = random;
    this.changesUntilCut = Integer.MAX_VALUE;
  }

  void cutAfter(int changes) {
    changesUntilCut = changes;
  }

  /** What is left once the power is back; it stays on. */
  void restart() {
    changesUntilCut = Integer.MAX_VALUE;
    lose(root);
  }

  private void lose(Node node) {
    if (!node.folder) {
      if (!node.forced) {
        node.bytes = Arrays.copyOf(node.bytes, random.nextInt(node.bytes.length + 1));
        node.forced = true;
      }
      return;
    }
    Map<String, Node> left = new HashMap<>();
    Set<String> names = new HashSet<>(node.entries.keySet());
    names.addAll(node.forcedEntries.keySet());
    for (String name : names) {
      Node entry = (random.nextBoolean() ? node.entries : node.forcedEntries).get(name);
      if (entry != null) {
        left.put(name, entry);
      }
    }
    node.entries = left;
    node.forcedEntries = new HashMap<>(left);
    left.values().forEach(this::lose);
  }

  private interface Change {
    void make() throws IOException;
  }

  private void change(Change change) throws IOException {
    if (changesUntilCut < 0) {
      throw new PowerCut();
    }
    if (changesUntilCut-- > 0) {
      change.make();
      return;
    }
    if (random.nextBoolean()) {
      change.make();
    }
    throw new PowerCut();
  }

  @Override
  public Optional<Found> find(Path path) throws IOException {
    Node node = root;
    for (Path name : path) {
      node = node.entries.get(name.toString());
      if (node == null) {
        return Optional.empty();
      }
    }
    return Optional.of(new Found(node.folder, node.bytes.length, 0));
  }

  @Override
  public List<Path> list(Path folder) throws IOException {
    List<Path> paths = new ArrayList<>();
    if (find(folder).isPresent()) {
      node(folder).entries.keySet().forEach(name -> paths.add(folder.resolve(name)));
    }
    return paths;
  }

  @Override
  public byte[] read(Path file) throws IOException {
    return node(file).bytes.clone();
  }

  @Override
  public void createFolder(Path folder) throws IOException {
    change(
        () -> {
          if (folder(folder).entries.putIfAbsent(name(folder), new Node(true)) != null) {
            throw new FileAlreadyExistsException(folder.toString());
          }
        });
  }

  @Override
  public void delete(Path file) throws IOException {
    change(
        () -> {
          if (node(file).folder) {
            throw new IOException(file + " is a folder");
          }
          folder(file).entries.remove(name(file));
        });
  }

  @Override
  public void deleteFolder(Path folder) throws IOException {
    change(
        () -> {
          if (!node(folder).folder || !node(folder).entries.isEmpty()) {
            throw new DirectoryNotEmptyException(folder.toString());
          }
          folder(folder).entries.remove(name(folder));
        });
  }

  @Override
  public void writeNew(Path file, byte[] bytes) throws IOException {
    Node node = new Node(false);
    node.bytes = bytes.clone();
    change(
        () -> {
          if (folder(file).entries.putIfAbsent(name(file), node) != null) {
            throw new FileAlreadyExistsException(file.toString());
          }
        });
    change(() -> node.forced = true);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    change(
        () -> {
          Node node = node(from);
          folder(to).entries.put(name(to), node);
          folder(from).entries.remove(name(from));
        });
  }

  @Override
  public void forceFolder(Path folder) throws IOException {
    change(() -> node(folder).forcedEntries = new HashMap<>(node(folder).entries));
  }

  private Node folder(Path path) throws IOException {
    Node folder = node(path.getParent());
    if (!folder.folder) {
      throw new NotDirectoryException(path.toString());
    }
    return folder;
  }

  private Node node(Path path) throws IOException {
    Node node = root;
    for (Path name : path) {
      node = node.entries.get(name.toString());
      if (node == null) {
        throw new NoSuchFileException(path.toString());
      }
    }
    return node;
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }
}
