/** What every store must do, stores that fail on purpose, and what the tests of stores share. */
@NullUnmarked
package io.tidemark.location;

import org.jspecify.annotations.NullUnmarked;
