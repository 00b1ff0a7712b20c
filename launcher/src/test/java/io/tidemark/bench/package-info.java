/** The benchmark: kernels with JMH, and a load program for the whole path. Not tests. */
@NullUnmarked
package io.tidemark.bench;

import org.jspecify.annotations.NullUnmarked;
