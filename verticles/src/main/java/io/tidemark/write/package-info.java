/** Takes rows in, stages them, and writes each description's batch. */
@NullMarked
package io.tidemark.write;

import org.jspecify.annotations.NullMarked;
