/** The messages and addresses of the event bus, and the limits that both ends hold. */
@NullMarked
package io.tidemark.protocol;

import org.jspecify.annotations.NullMarked;
