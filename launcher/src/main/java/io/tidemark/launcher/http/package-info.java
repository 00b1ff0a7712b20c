/** The same addresses, over HTTP. */
@NullMarked
package io.tidemark.launcher.http;

import org.jspecify.annotations.NullMarked;
