/** The process: how a node is configured, started, reached over HTTP, and stopped. */
@NullMarked
package io.tidemark.launcher;

import org.jspecify.annotations.NullMarked;
