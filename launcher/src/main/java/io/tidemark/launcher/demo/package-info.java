/** The demo: real flights through a whole node, with corrections and retractions, and checked. */
@NullMarked
package io.tidemark.launcher.demo;

import org.jspecify.annotations.NullMarked;
