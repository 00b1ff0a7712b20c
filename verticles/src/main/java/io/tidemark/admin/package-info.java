/** Creates, lists and describes collections. */
@NullMarked
package io.tidemark.admin;

import org.jspecify.annotations.NullMarked;
