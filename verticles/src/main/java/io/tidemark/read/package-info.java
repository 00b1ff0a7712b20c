/** Reading a collection over the event bus: its contents at a time, and what changes from then. */
@NullMarked
package io.tidemark.read;

import org.jspecify.annotations.NullMarked;
