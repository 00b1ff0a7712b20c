/** Blobs as files of a local or network file system: the embedded default. */
@NullMarked
package io.tidemark.location.file;

import org.jspecify.annotations.NullMarked;
