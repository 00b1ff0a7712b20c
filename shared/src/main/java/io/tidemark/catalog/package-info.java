/** Which collections there are, and what each is. */
@NullMarked
package io.tidemark.catalog;

import org.jspecify.annotations.NullMarked;
