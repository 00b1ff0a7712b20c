/** Tests of when descriptions are minted. */
@NullUnmarked
package io.tidemark.mint;

import org.jspecify.annotations.NullUnmarked;
