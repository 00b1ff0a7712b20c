/** The command line: what it asks of a running node over HTTP, and what it prints. */
@NullMarked
package io.tidemark.launcher.cli;

import org.jspecify.annotations.NullMarked;
