package io.tidemark.persist.consolidate;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/** Opens spill files: the file system, or a test's full disk. */
interface FileOpener {

  FileChannel open(Path path, OpenOption... options) throws IOException;
}
