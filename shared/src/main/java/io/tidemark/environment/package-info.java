/** The only door to time, randomness, ids and other threads. Everything else is given these. */
@NullMarked
package io.tidemark.environment;

import org.jspecify.annotations.NullMarked;
