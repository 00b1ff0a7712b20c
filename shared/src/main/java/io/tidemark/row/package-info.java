/**
 * Schemas, rows and blocks of updates: what a collection holds, in memory, on the wire and as JSON.
 */
@NullMarked
package io.tidemark.row;

import org.jspecify.annotations.NullMarked;
