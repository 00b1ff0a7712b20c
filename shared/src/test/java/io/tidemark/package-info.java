/** Tests, and what the tests of other modules use of them. */
@NullUnmarked
package io.tidemark;

import org.jspecify.annotations.NullUnmarked;
