/** Tests of rows and blocks, and the random ones that other tests are fed with. */
@NullUnmarked
package io.tidemark.row;

import org.jspecify.annotations.NullUnmarked;
