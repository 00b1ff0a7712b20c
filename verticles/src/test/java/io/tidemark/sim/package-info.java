/** The whole pipeline on a simulated bus, clock and stores, in one thread, from one seed. */
@NullUnmarked
package io.tidemark.sim;

import org.jspecify.annotations.NullUnmarked;
