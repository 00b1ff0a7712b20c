/** What an application uses to publish to a collection. */
@NullMarked
package io.tidemark.client;

import org.jspecify.annotations.NullMarked;
