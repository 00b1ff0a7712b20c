/** The algebra of time: frontiers and the ranges between them. Knows nothing else of Tidemark. */
@NullMarked
package io.tidemark.progress;

import org.jspecify.annotations.NullMarked;
