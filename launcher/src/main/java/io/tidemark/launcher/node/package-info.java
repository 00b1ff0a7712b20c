/** A whole node: its stores and its verticles, wired. */
@NullMarked
package io.tidemark.launcher.node;

import org.jspecify.annotations.NullMarked;
