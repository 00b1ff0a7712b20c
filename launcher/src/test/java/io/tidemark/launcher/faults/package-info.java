/** Faults on purpose: real processes are killed, stopped, cut off, and what they stored checked. */
@NullUnmarked
package io.tidemark.launcher.faults;

import org.jspecify.annotations.NullUnmarked;
