/** Decides the batch descriptions of a collection, and who takes part in an epoch. */
@NullMarked
package io.tidemark.mint;

import org.jspecify.annotations.NullMarked;
