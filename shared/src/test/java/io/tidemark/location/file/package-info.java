/** Tests of blobs in files. */
@NullUnmarked
package io.tidemark.location.file;

import org.jspecify.annotations.NullUnmarked;
